//! The tables of a history, and the steps from each version to the next.

use rusqlite::{Connection, TransactionBehavior};

/// Says that an SQLite file is a history, as four letters.
pub(super) const APPLICATION: i64 = 0x4d62_4869;

/// Step *n* makes version *n* + 1 of what came before. A step that was released is
/// never changed.
const STEPS: &[&str] = &[VERSION_1];

/// The newest version that is known.
pub(super) const VERSION: i64 = STEPS.len().cast_signed() as i64;

/// Times are milliseconds since 1970. Tables that grow begin their key with the time:
/// what is written and what is thrown away lies together, and one subject's rows are
/// found by asking for each minute.
const VERSION_1: &str = "
-- Whatever rows are about: a service, an instance, a breaker, a dependency, a source.
CREATE TABLE subject (
    id INTEGER PRIMARY KEY,
    environment TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- The service of an instance or of a breaker, otherwise empty.
    owner TEXT NOT NULL,
    -- An id, an address, or what a process calls its breaker.
    name TEXT NOT NULL,
    UNIQUE (environment, kind, owner, name)
) STRICT;

-- From when to when one Meshboard recorded. until moves on with each write.
CREATE TABLE run (
    id INTEGER PRIMARY KEY,
    environment TEXT NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER NOT NULL,
    -- 1 if it stopped by itself; 0 if it still records, or was killed.
    has_ended INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX run_by_time ON run (environment, since);

-- The polls of the last minutes, one row each; then they are packed.
CREATE TABLE journal (
    at INTEGER NOT NULL,
    subject INTEGER NOT NULL,
    code INTEGER NOT NULL,
    latency INTEGER NOT NULL,
    PRIMARY KEY (at, subject)
) STRICT, WITHOUT ROWID;

-- The polls of an instance in a minute.
CREATE TABLE packed (
    at INTEGER NOT NULL,
    subject INTEGER NOT NULL,
    polls BLOB NOT NULL,
    PRIMARY KEY (at, subject)
) STRICT, WITHOUT ROWID;

-- What sources told of the calls along a dependency.
CREATE TABLE traffic (
    at INTEGER NOT NULL,
    subject INTEGER NOT NULL,
    rate_per_second REAL,
    error_share REAL,
    p95_ms REAL,
    window_seconds INTEGER NOT NULL,
    source TEXT NOT NULL,
    PRIMARY KEY (at, subject)
) STRICT, WITHOUT ROWID;

-- Services and dependencies by minute and by hour.
CREATE TABLE minute (
    at INTEGER NOT NULL,
    subject INTEGER NOT NULL,
    count INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    latencies BLOB NOT NULL,
    -- Means, of dependencies only: calls a second, failed calls a second.
    rate REAL,
    errors REAL,
    PRIMARY KEY (at, subject)
) STRICT, WITHOUT ROWID;
CREATE TABLE hour (
    at INTEGER NOT NULL,
    subject INTEGER NOT NULL,
    count INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    latencies BLOB NOT NULL,
    rate REAL,
    errors REAL,
    PRIMARY KEY (at, subject)
) STRICT, WITHOUT ROWID;

-- How a subject was from then on, as JSON; NULL if it was there no more.
CREATE TABLE state (
    subject INTEGER NOT NULL,
    at INTEGER NOT NULL,
    value TEXT,
    PRIMARY KEY (subject, at)
) STRICT, WITHOUT ROWID;

CREATE TABLE transition (
    id INTEGER PRIMARY KEY,
    environment TEXT NOT NULL,
    at INTEGER NOT NULL,
    subject INTEGER NOT NULL,
    dependency TEXT,
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    cause TEXT NOT NULL
) STRICT;
CREATE INDEX transition_by_time ON transition (environment, at);

-- Ids are separated by spaces, which none of them has.
CREATE TABLE incident (
    id INTEGER PRIMARY KEY,
    environment TEXT NOT NULL,
    run INTEGER NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER,
    causes TEXT NOT NULL,
    impacted TEXT NOT NULL,
    path TEXT NOT NULL,
    at_risk TEXT NOT NULL,
    routes TEXT NOT NULL,
    summary TEXT NOT NULL
) STRICT;
CREATE INDEX incident_by_time ON incident (environment, since);

-- How far minutes and hours are worked out.
CREATE TABLE mark (
    name TEXT PRIMARY KEY,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
";

/// The version of a file; 0 if it has no tables of ours yet.
pub(super) fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Takes the file from its version to the newest, all steps or none.
pub(super) fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    if version(connection)? == VERSION {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another Meshboard may have done it meanwhile.
    let done = version(&transaction)?;
    for step in STEPS.iter().skip(done as usize) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()
}
