//! The numbers that stand for services, instances and the like in every row.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension as _, params};

use super::changes::Key;
use crate::model::{DependencyId, EnvironmentId, ServiceId};

/// The most subjects that are read.
const MOST: i64 = 500_000;

/// The numbers of an environment's subjects, as far as they were needed.
#[derive(Debug, Default)]
pub(super) struct Subjects {
    known: HashMap<Key, i64>,
}

impl Subjects {
    /// A subject's number; a new one gets one.
    pub(super) fn number(
        &mut self,
        connection: &Connection,
        environment: &EnvironmentId,
        key: &Key,
    ) -> rusqlite::Result<i64> {
        if let Some(number) = self.known.get(key) {
            return Ok(*number);
        }
        if let Key::Instance(service, _) = key {
            // What its instances say is added up for the service.
            self.number(connection, environment, &Key::Service(service.clone()))?;
        }
        let number = match find(connection, environment, key)? {
            Some(number) => number,
            None => insert(connection, environment, key)?,
        };
        self.known.insert(key.clone(), number);
        Ok(number)
    }
}

/// A subject's number, if it has one.
pub(super) fn find(
    connection: &Connection,
    environment: &EnvironmentId,
    key: &Key,
) -> rusqlite::Result<Option<i64>> {
    let (kind, owner, name) = columns(key);
    connection
        .prepare_cached(
            "SELECT id FROM subject
             WHERE environment = ?1 AND kind = ?2 AND owner = ?3 AND name = ?4",
        )?
        .query_row(params![environment.as_str(), kind, owner, name], |row| {
            row.get(0)
        })
        .optional()
}

fn insert(
    connection: &Connection,
    environment: &EnvironmentId,
    key: &Key,
) -> rusqlite::Result<i64> {
    let (kind, owner, name) = columns(key);
    connection
        .prepare_cached(
            "INSERT INTO subject (environment, kind, owner, name) VALUES (?1, ?2, ?3, ?4)",
        )?
        .insert(params![environment.as_str(), kind, owner, name])
}

/// The subjects of an environment with their numbers, the oldest first. What is no subject of ours is left out.
pub(super) fn all(
    connection: &Connection,
    environment: &EnvironmentId,
) -> rusqlite::Result<Vec<(i64, Key)>> {
    let mut statement = connection.prepare_cached(
        "SELECT id, kind, owner, name FROM subject WHERE environment = ?1 ORDER BY id LIMIT ?2",
    )?;
    let mut rows = statement.query(params![environment.as_str(), MOST])?;
    let mut subjects = Vec::new();
    while let Some(row) = rows.next()? {
        let (kind, owner, name): (String, String, String) = (row.get(1)?, row.get(2)?, row.get(3)?);
        if let Some(key) = key(&kind, &owner, name) {
            subjects.push((row.get(0)?, key));
        }
    }
    Ok(subjects)
}

fn columns(key: &Key) -> (&'static str, &str, &str) {
    match key {
        Key::Whole => ("whole", "", ""),
        Key::Service(id) => ("service", "", id.as_str()),
        Key::Instance(service, address) => ("instance", service.as_str(), address),
        Key::Breaker(from, name) => ("breaker", from.as_str(), name),
        Key::Dependency(id) => ("dependency", "", id.as_str()),
        Key::Source(name) => ("source", "", name),
    }
}

fn key(kind: &str, owner: &str, name: String) -> Option<Key> {
    Some(match kind {
        "whole" => Key::Whole,
        "service" => Key::Service(ServiceId::new(name).ok()?),
        "instance" => Key::Instance(ServiceId::new(owner).ok()?, name),
        "breaker" => Key::Breaker(ServiceId::new(owner).ok()?, name),
        "dependency" => Key::Dependency(DependencyId::new(name).ok()?),
        "source" => Key::Source(name),
        _ => return None,
    })
}
