//! The PEM files that an encrypted connection needs: authorities, our certificate, its key.
//!
//! The only place of the monitor that reads files. What cannot be read is said with the
//! file's name as it stands in the design; what is in a file is never said.

use std::{
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
};

use reqwest::{Certificate, Identity};

use super::failure::causes;
use crate::project::Tls;

/// Longer than any bundle of authorities, in bytes.
const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// The authorities that are trusted instead of the system's; `None` if the system's are.
pub(super) fn authorities(tls: &Tls, folder: &Path) -> Result<Option<Vec<Certificate>>, String> {
    if tls.ca_file.is_empty() {
        return Ok(None);
    }
    let named = Named::new("ca_file", &tls.ca_file, folder);
    let pem = named.read()?;
    match Certificate::from_pem_bundle(&pem) {
        Ok(found) if found.is_empty() => Err(named.wrong("there is no certificate in it")),
        Ok(found) => Ok(Some(found)),
        Err(_) => Err(named.wrong("it is no PEM file of certificates")),
    }
}

/// The certificate that is shown to the other side, with its key.
pub(super) fn identity(tls: &Tls, folder: &Path) -> Result<Option<Identity>, String> {
    match (tls.certificate_file.as_str(), tls.key_file.as_str()) {
        ("", "") => return Ok(None),
        ("", _) => return Err("key_file needs a certificate_file beside it".to_owned()),
        _ => {}
    }
    let certificate = Named::new("certificate_file", &tls.certificate_file, folder);
    let mut pem = certificate.read()?;
    if !has_section(&pem, "CERTIFICATE") {
        return Err(certificate.wrong("there is no certificate in it"));
    }
    // Both may stand in one file.
    let mut key = certificate;
    if !tls.key_file.is_empty() {
        key = Named::new("key_file", &tls.key_file, folder);
        pem.push(b'\n');
        pem.extend(key.read()?);
    }
    if has_section(&pem, "ENCRYPTED PRIVATE KEY") {
        return Err(key.wrong("the key is locked with a password; give one without"));
    }
    if !has_section(&pem, "PRIVATE KEY") {
        return Err(key.wrong("there is no private key in it"));
    }
    let wrong = |_| key.wrong("it is no PEM file of a private key");
    Identity::from_pem(&pem).map(Some).map_err(wrong)
}

/// What the client says of certificates it was given, in the words of their files.
pub(super) fn unusable(error: &reqwest::Error, tls: &Tls) -> String {
    let deepest = causes(error).last().map(ToString::to_string);
    let deepest = deepest.unwrap_or_default();
    if deepest.contains("keys may not be consistent") || deepest.contains("KeyMismatch") {
        let (certificate, key) = (&tls.certificate_file, &tls.key_file);
        return format!("key_file {key} is not the key of certificate_file {certificate}");
    }
    let mut files = Vec::new();
    if !tls.ca_file.is_empty() {
        files.push(format!("ca_file {}", tls.ca_file));
    }
    if !tls.certificate_file.is_empty() {
        files.push(format!("certificate_file {}", tls.certificate_file));
    }
    format!("{}: {deepest}", files.join(", "))
}

/// Whether a PEM file has a section whose title ends so.
fn has_section(pem: &[u8], title: &str) -> bool {
    let end = format!("{title}-----");
    let text = String::from_utf8_lossy(pem);
    text.lines()
        .any(|it| it.starts_with("-----BEGIN ") && it.trim_end().ends_with(&end))
}

/// A file and the key of the design that names it.
struct Named<'a> {
    key: &'static str,
    said: &'a str,
    path: PathBuf,
}

impl<'a> Named<'a> {
    fn new(key: &'static str, said: &'a str, folder: &Path) -> Self {
        let path = folder.join(said);
        Self { key, said, path }
    }

    fn wrong(&self, what: &str) -> String {
        format!("{} {}: {what}", self.key, self.said)
    }

    fn read(&self) -> Result<Vec<u8>, String> {
        let cannot = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::NotFound => self.wrong("there is no such file"),
            std::io::ErrorKind::PermissionDenied => self.wrong("reading it is not allowed"),
            _ => self.wrong(&format!("it cannot be read ({error})")),
        };
        // A pipe would be waited for.
        if !self.path.metadata().map_err(cannot)?.is_file() {
            return Err(self.wrong("it is no file"));
        }
        let mut pem = Vec::new();
        let file = File::open(&self.path).map_err(cannot)?;
        let length = file.take(MAX_BYTES + 1).read_to_end(&mut pem);
        match length.map_err(cannot)? as u64 {
            0..=MAX_BYTES => Ok(pem),
            _ => Err(self.wrong("it is longer than any list of certificates")),
        }
    }
}
