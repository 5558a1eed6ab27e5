//! Secrets by reference: from a variable of the process's environment or from the
//! operating system's keyring into the header that proves who asks.
//!
//! A secret is read when polling begins, and never shown, written or sent to another
//! origin than the one it is for. A keyring may ask a person to unlock it, so it is read
//! beside everything else: only who needs that secret waits for it.

mod keyring;

use super::fetch::{Known, SHORTEST_HIDDEN, Secret};
use crate::project::{Credential, Reference};

pub use keyring::{Keyring, KeyringError};

pub(super) use keyring::from_keyring;

/// The secrets of a plan; those that name the same one share it, so that nobody is asked
/// twice to unlock it.
#[derive(Debug, Default)]
pub(super) struct Secrets(Vec<(Credential, Found)>);

/// A secret, and what is wrong with it.
type Found = (Option<Secret>, Option<String>);

impl Secrets {
    /// The secret that a credential names, and what is wrong with it.
    pub(super) fn find(&mut self, credential: Option<&Credential>) -> Found {
        let Some(credential) = credential else {
            return (None, None);
        };
        let known = self.0.iter().find(|(it, _)| it == credential);
        if let Some((_, found)) = known {
            return found.clone();
        }
        let found = find(credential);
        self.0.push((credential.clone(), found.clone()));
        found
    }
}

fn find(credential: &Credential) -> Found {
    let variable = match credential {
        Credential::BearerFromKeyring(_) | Credential::BasicFromKeyring(_) => {
            return (Some(Secret::kept(credential.clone())), None);
        }
        Credential::BearerFromEnvironment(it) | Credential::BasicFromEnvironment(it) => it,
    };
    let place = format!("the environment variable {variable}");
    let Ok(value) = std::env::var(variable) else {
        return (None, Some(format!("{place} is not set, asked without it")));
    };
    match known(credential, &value) {
        Some(known) if value.len() < SHORTEST_HIDDEN => {
            let note = format!("{place} is too short to be hidden in answers that repeat it");
            (Some(Secret::of(known)), Some(note))
        }
        Some(known) => (Some(Secret::of(known)), None),
        None => (None, Some(format!("{place} holds what no header can hold"))),
    }
}

/// What a reference stands for, or why it stands for nothing. A keyring that has to be
/// unlocked first is waited for.
pub(super) fn value(reference: &Reference) -> Result<String, String> {
    match reference {
        Reference::FromEnvironment(it) => {
            std::env::var(it).map_err(|_| format!("the environment variable {it} is not set"))
        }
        Reference::FromKeyring(entry) => Keyring { entry }.read().map_err(|it| it.to_string()),
    }
}

/// The header that a credential makes of its value; `None` if no header can hold it.
fn known(credential: &Credential, value: &str) -> Option<Known> {
    match credential {
        Credential::BearerFromEnvironment(_) | Credential::BearerFromKeyring(_) => {
            Known::new(&format!("Bearer {value}"), &[value])
        }
        Credential::BasicFromEnvironment(_) | Credential::BasicFromKeyring(_) => {
            let (_, password) = value.split_once(':').unwrap_or_default();
            let header = format!("Basic {}", base64(value.as_bytes()));
            Known::new(&header, &[value, password])
        }
    }
}

/// RFC 4648, section 4.
pub(super) fn base64(bytes: &[u8]) -> String {
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
mod tests;
