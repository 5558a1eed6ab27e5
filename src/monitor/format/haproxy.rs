//! HAProxy's statistics as CSV: `/stats;csv`, `show stat`.
//!
//! A row of a server is how the proxy sees it. `OPEN` in a row of a frontend means that
//! it listens, and has nothing to do with breakers. Columns are found by their names,
//! because their number grows from version to version. The words are those of HAProxy's
//! `doc/management.txt`, 9.1.

use csv::{ReaderBuilder, StringRecord};

use super::{Format, Input, reading::Body, telling::Gathered};
use crate::monitor::Health;

pub(super) const FORMAT: Format = Format {
    id: "haproxy-csv",
    title: "HAProxy statistics",
    looks_like: "# pxname,svname,…,status,… and a row for each server",
    tested_against: "HAProxy 2.6, running",
    read,
};

fn read(input: &Input<'_>) -> Option<Body> {
    let text = input.text.trim_start();
    if !text.starts_with("# pxname,svname,") {
        return None;
    }
    let mut gathered = Gathered::default();
    let mut reader = ReaderBuilder::new()
        .flexible(true)
        .from_reader(text.as_bytes());
    let columns = Columns::new(reader.headers().ok()?);
    for row in reader.records().map_while(Result::ok) {
        columns.add(&row, &mut gathered);
    }
    Some(Body::of_others(input.status, gathered.finish()))
}

/// Where the columns stand.
struct Columns {
    status: Option<usize>,
    check_status: Option<usize>,
    last_check: Option<usize>,
}

impl Columns {
    fn new(headers: &StringRecord) -> Self {
        let at = |name: &str| headers.iter().position(|it| it == name);
        Self {
            status: at("status"),
            check_status: at("check_status"),
            last_check: at("last_chk"),
        }
    }

    fn add(&self, row: &StringRecord, gathered: &mut Gathered) {
        let value = |column: Option<usize>| column.and_then(|it| row.get(it)).unwrap_or_default();
        let (backend, server) = (value(Some(0)), value(Some(1)));
        let status = value(self.status);
        if matches!(server, "" | "FRONTEND" | "BACKEND") || status.is_empty() {
            return;
        }
        let health = health(status);
        let reasons = [value(self.check_status), value(self.last_check)];
        let reasons: Vec<_> = reasons.into_iter().filter(|it| !it.is_empty()).collect();
        let raw = if health == Health::Up || reasons.is_empty() {
            status.to_owned()
        } else {
            format!("{status}: {}", reasons.join(" "))
        };
        gathered.add_instance(backend, server, (health, &raw));
    }
}

/// `UP 1/3` is on its way down and still gets calls, `DOWN 1/2` on its way up.
fn health(status: &str) -> Health {
    if status == "MAINT (resolution)" {
        // Nobody took it out: its name leads nowhere.
        return Health::Down;
    }
    match status.split(' ').next() {
        Some("UP") => Health::Up,
        Some("DOWN") => Health::Down,
        Some("DRAIN" | "NOLB" | "MAINT") => Health::OutOfService,
        _ => Health::Unknown,
    }
}
