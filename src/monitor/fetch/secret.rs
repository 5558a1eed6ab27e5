//! What proves who asks, and how it is kept out of everything that is shown.

use std::{borrow::Cow, fmt, sync::Arc};

use bytes::Bytes;
use reqwest::header::{HeaderMap, HeaderValue};
use tokio::sync::OnceCell;

use crate::{monitor::credential, project::Credential};

/// What stands where a secret was.
const HIDDEN: &str = "***";

/// Shorter texts are part of too many others to be looked for, in bytes.
pub(in crate::monitor) const SHORTEST_HIDDEN: usize = 4;

/// What proves who asks. Never shown.
///
/// One that the operating system's keyring keeps is read when it is first needed; that
/// can take long, because a person may have to unlock the keyring.
#[derive(Clone)]
pub struct Secret(Arc<Inner>);

struct Inner {
    kept: Option<Credential>,
    known: OnceCell<Result<Known, String>>,
}

impl Secret {
    /// From the value of an `Authorization` header; `None` if it cannot be one.
    pub fn new(authorization: &str) -> Option<Self> {
        let (_, value) = authorization.split_once(' ').unwrap_or_default();
        Some(Self::of(Known::new(authorization, &[value])?))
    }

    pub(in crate::monitor) fn of(known: Known) -> Self {
        Self(Arc::new(Inner {
            kept: None,
            known: OnceCell::new_with(Some(Ok(known))),
        }))
    }

    /// One that a keyring keeps, which is read by the first who waits for it.
    pub(in crate::monitor) fn kept(credential: Credential) -> Self {
        Self(Arc::new(Inner {
            kept: Some(credential),
            known: OnceCell::new(),
        }))
    }

    /// The secret itself, or why it cannot be had. Waits until the keyring was read.
    pub(in crate::monitor) async fn known(&self) -> Result<&Known, &str> {
        let read = async {
            match &self.0.kept {
                Some(credential) => credential::from_keyring(credential).await,
                None => Err("there is no secret".to_owned()),
            }
        };
        let known = self.0.known.get_or_init(|| read).await;
        known.as_ref().map_err(String::as_str)
    }

    /// Why it cannot be had, once that is known.
    pub(in crate::monitor) fn problem(&self) -> Option<String> {
        let read = self.0.known.get()?;
        read.as_ref().err().cloned()
    }

    /// Takes the secret out of a piece of an answer.
    pub(super) fn hide_in_piece(&self, piece: Bytes) -> Bytes {
        match self.0.known.get() {
            Some(Ok(known)) => known.hide_in_body(piece.into()).into(),
            _ => piece,
        }
    }

    /// Takes the secret out of a text that was made from an answer.
    pub(in crate::monitor) fn hide(&self, text: &mut String) {
        if let Some(Ok(known)) = self.0.known.get()
            && let Cow::Owned(hidden) = known.hide(text)
        {
            *text = hidden;
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

/// A secret as it is sent, and all that must not be shown.
///
/// Whoever is sent a secret can send it back. It is taken out of answers as it is, in
/// Base64, percent-encoded and as JSON writes it; somebody who wants to show it in another
/// shape can.
pub(in crate::monitor) struct Known {
    header: HeaderValue,
    /// The longest first.
    hidden: Vec<String>,
}

impl Known {
    /// `None` if no header can hold it.
    pub(in crate::monitor) fn new(authorization: &str, parts: &[&str]) -> Option<Self> {
        let mut header = HeaderValue::from_str(authorization).ok()?;
        header.set_sensitive(true);
        let mut hidden: Vec<_> = parts.iter().flat_map(|it| shapes(it)).collect();
        hidden.retain(|it| it.len() >= SHORTEST_HIDDEN);
        hidden.sort_unstable_by(|one, other| (other.len(), one).cmp(&(one.len(), other)));
        hidden.dedup();
        Some(Self { header, hidden })
    }

    pub(super) fn header(&self) -> HeaderValue {
        self.header.clone()
    }

    fn hide<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut shown = Cow::Borrowed(text);
        for secret in &self.hidden {
            if shown.contains(secret.as_str()) {
                shown = Cow::Owned(shown.replace(secret.as_str(), HIDDEN));
            }
        }
        shown
    }

    pub(super) fn hide_in_body(&self, body: Vec<u8>) -> Vec<u8> {
        match self.hide(&String::from_utf8_lossy(&body)) {
            Cow::Owned(hidden) => hidden.into_bytes(),
            Cow::Borrowed(_) => body,
        }
    }

    pub(super) fn hide_in_headers(&self, headers: &mut HeaderMap) {
        for value in headers.values_mut() {
            let text = String::from_utf8_lossy(value.as_bytes());
            if let Cow::Owned(hidden) = self.hide(&text) {
                *value = HeaderValue::from_str(&hidden)
                    .unwrap_or_else(|_| HeaderValue::from_static(HIDDEN));
            }
        }
    }
}

/// The shapes in which a text usually comes back.
fn shapes(text: &str) -> Vec<String> {
    let json = serde_json::to_string(text).unwrap_or_default();
    // Without the quotes around it.
    let json = json.get(1..json.len().max(2) - 1).unwrap_or_default();
    let base64 = credential::base64(text.as_bytes());
    let encoded: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
    vec![
        text.to_owned(),
        json.to_owned(),
        json.replace('/', "\\/"),
        // Blanks and slashes are written in two ways.
        encoded.replace('+', "%20"),
        encoded.replace("%2F", "/"),
        encoded.replace('+', "%20").replace("%2F", "/"),
        encoded,
        base64.trim_end_matches('=').to_owned(),
    ]
}

#[cfg(test)]
mod tests {
    use super::{Known, Secret};

    #[test]
    fn a_secret_is_never_shown() {
        let secret = Secret::new("Bearer top-secret").unwrap();
        assert_eq!(format!("{secret:?}"), "Secret(…)");
        assert!(Secret::new("a\nb").is_none());
        let mut text = "you sent Bearer top-secret!".to_owned();
        secret.hide(&mut text);
        assert_eq!(text, "you sent Bearer ***!");
    }

    #[test]
    fn a_secret_is_found_in_the_shapes_in_which_it_usually_comes_back() {
        let known = Known::new("Basic eDpwL3ciYSU=", &["x:p/w\"a%", "p/w\"a%"]).unwrap();
        for text in [
            "x:p/w\"a%",
            "p/w\"a%",
            "p/w\\\"a%",
            "p\\/w\\\"a%",
            "eDpwL3ciYSU=",
            "p%2Fw%22a%25",
        ] {
            let shown = known.hide(text);
            assert!(shown.starts_with("***"), "{text} was shown as {shown}");
        }
        assert_eq!(known.hide("all is well"), "all is well");
        let body = known.hide_in_body(b"\xffp/w\"a%".to_vec());
        assert_eq!(String::from_utf8_lossy(&body), "\u{fffd}***");
    }

    #[test]
    fn what_is_hidden_is_not_cut_short_by_a_part_of_it() {
        let known = Known::new("Bearer abcdefgh", &["abcd", "abcdefgh"]).unwrap();
        assert_eq!(known.hide("abcdefgh abcd"), "*** ***");
    }
}
