//! The file of a history: its place, looking at it, opening it, setting it aside.

use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{
    HistoryError,
    schema::{APPLICATION, VERSION, migrate, version},
};

/// How long one Meshboard waits for another to end its writing.
const PATIENCE: Duration = Duration::from_secs(2);

/// The log is cut to this after it was taken over into the file, in bytes.
const LOG_LIMIT: i64 = 16 << 20;

/// Statements that are kept ready.
const STATEMENTS: usize = 64;

/// `shop.history.sqlite` beside `shop.meshboard.json`.
pub(super) fn beside(project_file: &Path) -> PathBuf {
    let name = project_file.file_name().unwrap_or_default();
    let name = name.to_string_lossy();
    let stem = name
        .strip_suffix(".meshboard.json")
        .or_else(|| name.strip_suffix(".json"))
        .unwrap_or(&name);
    project_file.with_file_name(format!("{stem}.history.sqlite"))
}

/// What lies where a history would.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing, or a file nobody has written to.
    Nothing,
    /// A history that can be read.
    History,
    /// Something that SQLite cannot read, and why.
    Damaged(String),
}

/// Looks at the file without changing it.
pub(super) fn look(path: &Path) -> Result<Found, HistoryError> {
    // What cannot be looked at is told by opening it.
    if fs::metadata(path).is_ok_and(|it| it.len() == 0) || !path.exists() {
        return Ok(Found::Nothing);
    }
    match looked_at(path) {
        Ok((APPLICATION, found, _)) if found > VERSION => Err(HistoryError::Newer {
            path: path.to_owned(),
            found,
            known: VERSION,
        }),
        Ok((APPLICATION, 1.., _)) => Ok(Found::History),
        Ok((0, 0, 0)) => Ok(Found::Nothing),
        Ok(_) => Err(HistoryError::Foreign {
            path: path.to_owned(),
        }),
        Err(error) if is_damage(&error) => Ok(Found::Damaged(error.to_string())),
        Err(reason) => Err(HistoryError::Unreadable {
            path: path.to_owned(),
            reason,
        }),
    }
}

/// Whose file it is, its version, and how many tables it has.
fn looked_at(path: &Path) -> rusqlite::Result<(i64, i64, i64)> {
    let connection = open_to_read(path)?;
    let whose = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let tables = "SELECT count(*) FROM sqlite_schema";
    let tables = connection.query_row(tables, [], |row| row.get(0))?;
    Ok((whose, version(&connection)?, tables))
}

/// Whether an error says that the file itself is broken.
pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
    )
}

/// Opens for reading only.
pub(super) fn open_to_read(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    prepare(&connection)?;
    let Err(error) = version(&connection) else {
        return Ok(connection);
    };
    let is_locked_folder = matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly)
    );
    if !is_locked_folder {
        return Err(error);
    }
    // In a folder that nobody can write to, nobody changes the file either; without
    // saying so SQLite would want to put an index beside it.
    let flags = flags | OpenFlags::SQLITE_OPEN_URI;
    let connection = Connection::open_with_flags(immutable_address(path), flags)?;
    prepare(&connection)?;
    Ok(connection)
}

fn immutable_address(path: &Path) -> String {
    let path = path.to_string_lossy();
    let path = path.replace('%', "%25");
    let path = path.replace('?', "%3f").replace('#', "%23");
    format!("file:{path}?immutable=1")
}

/// Opens for writing; makes the file and its tables if they are not there.
pub(super) fn open_to_write(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    prepare(&connection)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    // What was written survives the program; the last second may not survive a loss of
    // power, and nothing is ever half there.
    connection.pragma_update(None, "synchronous", "normal")?;
    connection.pragma_update(None, "journal_size_limit", LOG_LIMIT)?;
    migrate(&mut connection)?;
    Ok(connection)
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.busy_timeout(PATIENCE)
}

/// Renames a damaged file and what belongs to it, and says what it is called now.
pub(super) fn set_aside(path: &Path, now: Timestamp) -> io::Result<PathBuf> {
    let ending = format!(".damaged-{}", now.strftime("%Y%m%dT%H%M%SZ"));
    let aside = appended(path, &ending);
    fs::rename(path, &aside)?;
    for part in ["-wal", "-shm"] {
        let old = appended(path, part);
        if old.exists() {
            fs::rename(&old, appended(&aside, part))?;
        }
    }
    Ok(aside)
}

fn appended(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use std::{
        fs::{self, File},
        io::Write as _,
        path::Path,
    };

    use jiff::Timestamp;

    use super::{Found, beside, look, open_to_read, open_to_write, set_aside};
    use crate::history::HistoryError;

    fn write(path: impl AsRef<Path>, text: &str) {
        let mut file = File::create(path).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    #[test]
    fn the_file_lies_beside_the_project_and_has_its_name() {
        let of = |it: &str| beside(Path::new(it)).to_str().unwrap().to_owned();
        assert_eq!(of("a/shop.meshboard.json"), "a/shop.history.sqlite");
        assert_eq!(of("shop.json"), "shop.history.sqlite");
        assert_eq!(of("shop"), "shop.history.sqlite");
    }

    #[test]
    fn a_new_file_is_a_history_and_an_empty_one_is_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.history.sqlite");
        assert_eq!(look(&path).unwrap(), Found::Nothing);
        write(&path, "");
        assert_eq!(look(&path).unwrap(), Found::Nothing);
        drop(open_to_write(&path).unwrap());
        assert_eq!(look(&path).unwrap(), Found::History);
        let connection = open_to_read(&path).unwrap();
        assert!(connection.execute("DELETE FROM run", []).is_err());
    }

    #[test]
    fn a_newer_history_is_refused_by_name_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.history.sqlite");
        let connection = open_to_write(&path).unwrap();
        connection.pragma_update(None, "user_version", 99).unwrap();
        drop(connection);
        let before = fs::read(&path).unwrap();
        let error = look(&path).unwrap_err();
        assert!(matches!(error, HistoryError::Newer { found: 99, .. }));
        let text = error.to_string();
        assert!(text.contains("version 99") && text.contains("x.history.sqlite"));
        assert_eq!(fs::read(&path).unwrap(), before);
    }

    #[test]
    fn what_another_program_wrote_is_not_touched() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.history.sqlite");
        let other = rusqlite::Connection::open(&path).unwrap();
        other.execute_batch("CREATE TABLE mail (text)").unwrap();
        drop(other);
        let error = look(&path).unwrap_err();
        assert!(matches!(error, HistoryError::Foreign { .. }), "{error}");
    }

    #[test]
    fn a_damaged_file_is_set_aside_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.history.sqlite");
        write(&path, "this is no database at all, but long enough");
        assert!(matches!(look(&path).unwrap(), Found::Damaged(_)));
        write(folder.path().join("x.history.sqlite-wal"), "log");
        let aside = set_aside(&path, Timestamp::UNIX_EPOCH).unwrap();
        let name = aside.file_name().unwrap().to_str().unwrap();
        assert_eq!(name, "x.history.sqlite.damaged-19700101T000000Z");
        let kept = fs::read_to_string(&aside).unwrap();
        assert!(kept.starts_with("this is no database"));
        assert!(folder.path().join(format!("{name}-wal")).exists());
        assert_eq!(look(&path).unwrap(), Found::Nothing);
    }
}
