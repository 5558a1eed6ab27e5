//! Secrets by reference: from a variable of the process's environment or from the
//! operating system's keyring into the header that proves who asks.
//!
//! A secret is read when polling begins, and never shown, written or sent to another
//! origin than the one it is for.

use super::fetch::Secret;
use crate::project::{Credential, Reference};

/// The secret that a credential names, or what is wrong with it.
pub(super) fn secret(credential: &Credential) -> (Option<Secret>, Option<String>) {
    let reference = match credential {
        Credential::BearerFromEnvironment(it) | Credential::BasicFromEnvironment(it) => {
            Reference::FromEnvironment(it.clone())
        }
        Credential::BearerFromKeyring(it) | Credential::BasicFromKeyring(it) => {
            Reference::FromKeyring(it.clone())
        }
    };
    let value = match value(&reference) {
        Ok(value) => value,
        Err(why) => return (None, Some(format!("{why}, asked without it"))),
    };
    let header = match credential {
        Credential::BearerFromEnvironment(_) | Credential::BearerFromKeyring(_) => {
            format!("Bearer {value}")
        }
        Credential::BasicFromEnvironment(_) | Credential::BasicFromKeyring(_) => {
            format!("Basic {}", base64(value.as_bytes()))
        }
    };
    let secret = Secret::new(&header);
    let place = place(&reference);
    let note = format!("{place} holds what no header can hold");
    let note = secret.is_none().then_some(note);
    (secret, note)
}

/// What a reference stands for, or why it stands for nothing.
pub(super) fn value(reference: &Reference) -> Result<String, String> {
    let value = match reference {
        Reference::FromEnvironment(it) => std::env::var(it).map_err(|_| "is not set"),
        Reference::FromKeyring(it) => from_keyring(it),
    };
    value.map_err(|why| format!("{} {why}", place(reference)))
}

fn place(reference: &Reference) -> String {
    match reference {
        Reference::FromEnvironment(it) => format!("the environment variable {it}"),
        Reference::FromKeyring(it) => format!("the keyring's entry {it}"),
    }
}

fn from_keyring(_entry: &str) -> Result<String, &'static str> {
    Err("cannot be read")
}

/// RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |it: usize| u32::from(chunk.get(it).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4 {
            if digit <= chunk.len() {
                text.push(char::from(DIGITS[(bits >> (18 - 6 * digit) & 63) as usize]));
            } else {
                text.push('=');
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn basic_credentials_are_encoded_as_the_standard_says() {
        let cases = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("u:pässword", "dTpww6Rzc3dvcmQ="),
        ];
        for (plain, encoded) in cases {
            assert_eq!(base64(plain.as_bytes()), encoded);
        }
    }
}
