//! Why nothing could be written, in words.

use std::path::Path;

use rusqlite::ErrorCode;

use super::HistoryError;
use crate::model::EnvironmentId;

/// Why nothing was written.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The file is of no use.
    File(HistoryError),
    /// SQLite says so.
    Sql(rusqlite::Error),
    /// Another Meshboard records this environment.
    Elsewhere,
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl Trouble {
    /// Whether the open file may be of use a little later: when there is room, or peace.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::File(_) => false,
            Self::Elsewhere => true,
            Self::Sql(error) => matches!(
                error.sqlite_error_code(),
                Some(ErrorCode::DiskFull | ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
            ),
        }
    }

    /// What is wrong, where, and what happens next.
    pub(super) fn explained(&self, path: &Path, environment: &EnvironmentId) -> String {
        let error = match self {
            Self::File(error) => return error.to_string(),
            Self::Elsewhere => {
                return format!(
                    "another Meshboard records {environment} already: this one goes on when that one stops"
                );
            }
            Self::Sql(error) => error,
        };
        let what = match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => "the disk is full",
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                "the file or its folder cannot be written to"
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                "another program keeps it locked"
            }
            _ => "it cannot be written",
        };
        format!(
            "nothing is recorded for now, {what}; watching goes on, and recording too once it can be written: {} ({error})",
            path.display()
        )
    }
}
