//! What files a design becomes.
//!
//! One folder a target. An exporter is a pure function from the model to files; only
//! `write` touches the disk. All targets read the same numbers from the same places
//! (see `bundle`), so that ports, names, health paths and log formats agree.

mod breakers;
mod bundle;
mod caddy;
mod compose;
mod consul;
mod dockerfile;
mod docs;
mod envoy;
pub mod fields;
mod github_actions;
mod gitlab_ci;
mod grafana;
mod haproxy;
mod kubernetes;
pub mod lines;
mod logstash;
mod nginx;
mod pipeline;
mod prometheus;
mod skeleton;
mod traefik;
mod yaml;

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod numbers;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::model::Model;
use fields::{Field, Scope};

/// Relative path, with `/` between its parts, to contents.
pub type FileSet = BTreeMap<String, String>;

/// The same, each text shared by all who show, compare and write it.
pub type SharedFiles = BTreeMap<String, Arc<str>>;

/// A target: what is written for one program.
#[derive(Debug)]
pub struct Exporter {
    /// As it stands on the command line: `compose`.
    pub id: &'static str,
    /// As people write it: `Docker Compose`.
    pub title: &'static str,
    /// What it is for, in a few words: `containers`.
    pub purpose: &'static str,
    /// The programs its output is checked with.
    pub checked_by: &'static [&'static str],
    /// Whose fields it carries.
    pub scope: Scope,
    /// The fields of a design that it carries, and those it would have to and cannot.
    pub fields: &'static [Field],
    /// Turns a design into files.
    pub export: fn(&Model) -> Result<Export, ExportError>,
}

/// The files of one target, and what a reader should know about them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Export {
    /// The files.
    pub files: FileSet,
    /// What the dialect cannot say or does otherwise than drawn, in sentences.
    pub notes: Vec<String>,
    /// Folders for which the files below them are a start and no more: they are
    /// written only while nobody has files of their own in there.
    pub starters: BTreeSet<String>,
}

impl Export {
    /// The files that start a folder: all that lie below it.
    pub fn started<'a>(&'a self, folder: &str) -> impl Iterator<Item = &'a String> + use<'a> {
        let below = format!("{folder}/");
        let from = self.files.range(below.clone()..);
        from.map(|(path, _)| path)
            .take_while(move |it| it.starts_with(&below))
    }
}

/// The files of several targets.
#[derive(Debug, Clone, Default)]
pub struct Bundle {
    /// Every file.
    pub files: SharedFiles,
    /// Folders that are only started: each with the files that start it.
    pub starters: BTreeMap<String, BTreeSet<String>>,
    /// What each target wrote and has to say, in the order of [`ALL`].
    pub parts: Vec<(&'static Exporter, Export)>,
}

impl Bundle {
    /// The target that wrote a file.
    pub fn target_of(&self, path: &str) -> Option<&'static Exporter> {
        let mut parts = self.parts.iter();
        parts
            .find(|(_, export)| export.files.contains_key(path))
            .map(|(exporter, _)| *exporter)
    }

    /// The files as tests of one target have them.
    #[cfg(test)]
    fn texts(&self) -> FileSet {
        let files = self.files.iter();
        files
            .map(|(path, text)| (path.clone(), text.to_string()))
            .collect()
    }
}

/// Why a design cannot be exported to a target.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExportError {
    /// The design lacks something the target cannot do without.
    #[error("{target} needs {what}")]
    Missing {
        /// The target's title.
        target: &'static str,
        /// What is missing, where, and what to do.
        what: String,
    },
    /// Two targets would write the same file.
    #[error("{first} and {second} both write {path}: export them into different folders")]
    SamePath {
        /// The title of the target that came first.
        first: &'static str,
        /// The title of the other.
        second: &'static str,
        /// The file.
        path: String,
    },
    /// There is no such target.
    #[error("there is no target {id:?}: choose from {known}")]
    UnknownTarget {
        /// What was asked for.
        id: String,
        /// The targets there are.
        known: String,
    },
}

/// Every target, in the order people read them.
pub const ALL: &[&Exporter] = &[
    &nginx::EXPORTER,
    &envoy::EXPORTER,
    &traefik::EXPORTER,
    &caddy::EXPORTER,
    &haproxy::EXPORTER,
    &compose::EXPORTER,
    &dockerfile::EXPORTER,
    &skeleton::EXPORTER,
    &consul::EXPORTER,
    &breakers::EXPORTER,
    &github_actions::EXPORTER,
    &gitlab_ci::EXPORTER,
    &logstash::EXPORTER,
    &prometheus::EXPORTER,
    &grafana::EXPORTER,
    &kubernetes::EXPORTER,
    &docs::EXPORTER,
];

/// Exports a design to one target.
pub fn export_one(exporter: &Exporter, model: &Model) -> Result<Export, ExportError> {
    let mut export = (exporter.export)(model)?;
    export.notes.extend(fields::notes(exporter, model));
    Ok(export)
}

/// Exports a design to these targets, to every one if none is named.
pub fn export_all(model: &Model, ids: &[&str]) -> Result<Bundle, ExportError> {
    for id in ids {
        if !ALL.iter().any(|it| it.id == *id) {
            let known: Vec<_> = ALL.iter().map(|it| it.id).collect();
            return Err(ExportError::UnknownTarget {
                id: (*id).to_owned(),
                known: known.join(", "),
            });
        }
    }
    let wanted = ALL
        .iter()
        .filter(|it| ids.is_empty() || ids.contains(&it.id));
    let mut bundle = Bundle::default();
    for exporter in wanted {
        let export = export_one(exporter, model)?;
        for folder in &export.starters {
            let started = export.started(folder).cloned().collect();
            bundle.starters.insert(folder.clone(), started);
        }
        for (path, text) in &export.files {
            if bundle.files.contains_key(path) {
                return Err(ExportError::SamePath {
                    first: bundle.target_of(path).map_or("", |it| it.title),
                    second: exporter.title,
                    path: path.clone(),
                });
            }
            bundle.files.insert(path.clone(), text.as_str().into());
        }
        bundle.parts.push((exporter, export));
    }
    Ok(bundle)
}

#[cfg(test)]
mod tests {
    use super::{ALL, export_all};
    use crate::model::testing::model;

    #[test]
    fn every_target_has_an_id_of_its_own() {
        for exporter in ALL {
            assert_eq!(ALL.iter().filter(|it| it.id == exporter.id).count(), 1);
        }
    }

    #[test]
    fn only_the_named_targets_are_exported_and_an_unknown_one_is_named() {
        let model = model("x(a{technology=go})");
        let bundle = export_all(&model, &["compose"]).unwrap();
        assert_eq!(bundle.parts.len(), 1);
        assert!(bundle.files.contains_key("compose.yaml"));
        assert_eq!(bundle.target_of("compose.yaml").unwrap().id, "compose");
        let error = export_all(&model, &["helm"]).unwrap_err().to_string();
        assert!(
            error.contains("\"helm\"") && error.contains("nginx"),
            "{error}"
        );
    }

    #[test]
    fn an_empty_design_is_exported_without_an_error() {
        let bundle = export_all(&model(""), &[]).unwrap();
        assert!(bundle.files.contains_key("compose.yaml"));
    }

    #[test]
    fn the_same_design_gives_the_same_bytes() {
        let notation =
            "x(g:gateway, a{technology=go}, d:database{technology=postgres}); g/a -> a; a -> d";
        let first = export_all(&model(notation), &[]).unwrap();
        let second = export_all(&model(notation), &[]).unwrap();
        assert_eq!(first.files, second.files);
    }
}
