//! The operating system's keyring: Secret Service on Linux, Keychain on macOS, the
//! credential manager on Windows.

use std::time::Duration;

use tokio::{task::spawn_blocking, time::timeout};

use super::known;
use crate::{monitor::fetch::Known, project::Credential};

/// The name under which all entries are kept.
#[cfg(feature = "keyring")]
const SERVICE: &str = "meshboard";

/// How long somebody has to unlock the keyring.
const UNLOCK_LIMIT: Duration = Duration::from_mins(1);

/// Why an entry cannot be read or written, to follow its name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct KeyringError(String);

/// One entry of the operating system's keyring.
#[derive(Debug)]
pub struct Keyring<'a> {
    /// The name it has among ours.
    pub entry: &'a str,
}

/// The secret that a credential names, or why it cannot be had. Others go on meanwhile.
pub(in crate::monitor) async fn from_keyring(credential: &Credential) -> Result<Known, String> {
    let (Credential::BearerFromKeyring(entry)
    | Credential::BasicFromKeyring(entry)
    | Credential::BearerFromEnvironment(entry)
    | Credential::BasicFromEnvironment(entry)) = credential;
    let name = entry.clone();
    // Reading may wait for a person, and the library knows only threads.
    let reading = spawn_blocking(move || Keyring { entry: &name }.read());
    let value = match timeout(UNLOCK_LIMIT, reading).await {
        Ok(Ok(Ok(value))) => value,
        Ok(Ok(Err(error))) => {
            return Err(format!(
                "the keyring's entry {entry} {error}, asked without it"
            ));
        }
        Ok(Err(_)) | Err(_) => {
            return Err(format!(
                "the keyring was not unlocked within {} s, asked without {entry}",
                UNLOCK_LIMIT.as_secs()
            ));
        }
    };
    let known = known(credential, &value);
    known.ok_or_else(|| format!("the keyring's entry {entry} holds what no header can hold"))
}

#[cfg(feature = "keyring")]
impl Keyring<'_> {
    /// What is kept. May wait until somebody unlocks the keyring.
    pub fn read(&self) -> Result<String, KeyringError> {
        self.open()?.get_password().map_err(|it| explained(&it))
    }

    /// Keeps a value, instead of what was kept before.
    pub fn write(&self, value: &str) -> Result<(), KeyringError> {
        let entry = self.open()?;
        entry.set_password(value).map_err(|it| explained(&it))
    }

    /// Keeps it no longer.
    pub fn remove(&self) -> Result<(), KeyringError> {
        let entry = self.open()?;
        entry.delete_credential().map_err(|it| explained(&it))
    }

    fn open(&self) -> Result<keyring::Entry, KeyringError> {
        if let Err(error) = keyring::Entry::store_status() {
            let message = format!("cannot be reached: no keyring answers here ({error})");
            return Err(KeyringError(message));
        }
        keyring::Entry::new(SERVICE, self.entry).map_err(|it| explained(&it))
    }
}

/// In words that never hold what is kept.
#[cfg(feature = "keyring")]
fn explained(error: &keyring::Error) -> KeyringError {
    KeyringError(match error {
        keyring::Error::NoEntry => "is not there".to_owned(),
        keyring::Error::BadEncoding(_) | keyring::Error::BadDataFormat(..) => {
            "holds no text".to_owned()
        }
        keyring::Error::Ambiguous(_) => "is there more than once".to_owned(),
        keyring::Error::NoStorageAccess(_) => "is locked".to_owned(),
        other => format!("cannot be reached ({other})"),
    })
}

#[cfg(not(feature = "keyring"))]
impl Keyring<'_> {
    /// Nothing: there is no keyring in this program.
    pub fn read(&self) -> Result<String, KeyringError> {
        Err(Self::missing())
    }

    /// Nothing: there is no keyring in this program.
    pub fn write(&self, _value: &str) -> Result<(), KeyringError> {
        Err(Self::missing())
    }

    /// Nothing: there is no keyring in this program.
    pub fn remove(&self) -> Result<(), KeyringError> {
        Err(Self::missing())
    }

    fn missing() -> KeyringError {
        let message = "cannot be reached: this Meshboard was built without its keyring";
        KeyringError(message.to_owned())
    }
}
