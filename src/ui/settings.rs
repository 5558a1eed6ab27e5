//! What is remembered between runs.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::theme::Appearance;

/// The most recent files that are kept.
const MAX_RECENT: usize = 10;

/// What is remembered between runs. Unknown keys are dropped, missing ones have defaults.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// How the window looks.
    pub appearance: Appearance,
    /// Project files, the last one first.
    pub recent: Vec<PathBuf>,
    /// By project file, the hosts beside this machine that may be polled.
    pub allowed_hosts: BTreeMap<String, BTreeSet<String>>,
    /// By project file, the folder it was exported to last.
    pub export_folders: BTreeMap<String, PathBuf>,
    /// Whether the desktop is told of incidents.
    pub is_notifying: bool,
    /// Whether what polling sees is recorded beside the project's file.
    pub is_recording: bool,
    /// Whether a difference shows both sides.
    pub is_side_by_side: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            appearance: Appearance::default(),
            recent: Vec::new(),
            allowed_hosts: BTreeMap::new(),
            export_folders: BTreeMap::new(),
            is_notifying: false,
            is_recording: true,
            is_side_by_side: false,
        }
    }
}

impl Settings {
    /// What was remembered; nothing if it makes no sense.
    pub fn from_json(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    /// What to remember.
    pub fn to_json(&self) -> String {
        // Every key is a string, so that there is no error to report.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Puts a file first among the recent ones.
    pub fn remember_file(&mut self, path: &Path) {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        self.recent.retain(|it| *it != path);
        self.recent.insert(0, path);
        self.recent.truncate(MAX_RECENT);
    }

    /// The hosts that may be polled for a project.
    pub fn allowed(&self, project: Option<&Path>) -> BTreeSet<String> {
        let allowed = self.allowed_hosts.get(&key(project));
        allowed.cloned().unwrap_or_default()
    }

    /// Allows hosts for a project. One without a file forgets it with the window.
    pub fn allow(&mut self, project: Option<&Path>, hosts: impl IntoIterator<Item = String>) {
        self.allowed_hosts
            .entry(key(project))
            .or_default()
            .extend(hosts);
    }

    /// What is worth keeping: nothing about projects without a file.
    #[must_use]
    pub fn worth_keeping(&self) -> Self {
        let mut kept = self.clone();
        kept.allowed_hosts.remove("");
        kept.export_folders.remove("");
        kept
    }

    /// The folder a project was exported to last.
    pub fn export_folder(&self, project: Option<&Path>) -> Option<PathBuf> {
        self.export_folders.get(&key(project)).cloned()
    }

    /// Remembers the folder a project is exported to.
    pub fn remember_export_folder(&mut self, project: Option<&Path>, folder: PathBuf) {
        self.export_folders.insert(key(project), folder);
    }
}

fn key(project: Option<&Path>) -> String {
    project
        .map(|it| std::path::absolute(it).unwrap_or_else(|_| it.to_owned()))
        .map_or_else(String::new, |it| it.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Settings;

    #[test]
    fn what_is_remembered_survives_and_nonsense_is_nothing() {
        let mut settings = Settings::default();
        settings.remember_file(Path::new("/a"));
        settings.remember_file(Path::new("/b"));
        settings.remember_file(Path::new("/a"));
        settings.allow(Some(Path::new("/a")), ["example.com".to_owned()]);
        let again = Settings::from_json(&settings.to_json());
        assert_eq!(again, settings);
        assert_eq!(again.recent, [Path::new("/a"), Path::new("/b")]);
        assert_eq!(Settings::from_json("{\"recent\": 3}"), Settings::default());
    }

    #[test]
    fn a_host_allowed_for_one_project_is_not_allowed_for_another() {
        let mut settings = Settings::default();
        settings.allow(Some(Path::new("/a")), ["example.com".to_owned()]);
        assert!(settings.allowed(Some(Path::new("/b"))).is_empty());
        settings.allow(None, ["example.org".to_owned()]);
        assert!(settings.worth_keeping().allowed(None).is_empty());
    }
}
