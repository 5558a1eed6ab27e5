//! From files to one tree: reading, variables, merging.
//!
//! What comes out says everything the files say together, in the long forms that
//! merging needs. Every node still knows the file and line it came from. What files
//! say about other files (`extends`, `include`) is in `other_files.rs`.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    budget::Budget,
    dotenv,
    interpolate::{Lookup, Mistake, substitute},
    merge::{merge, without_resets},
    node::{Node, Place, Problem, Value},
    yaml::documents,
};
use crate::import::{MAX_FILE_BYTES, Request};

/// Files that one import reads at most, included ones counted.
const MAX_FILES: usize = 500;

/// Variables by name, of `.env` files.
pub(super) type DotEnv = BTreeMap<String, String>;

/// Reads files and remembers which.
pub(super) struct Loader<'a> {
    request: &'a Request<'a>,
    /// Every file read, by its number in [`Place`].
    pub(super) files: Vec<PathBuf>,
    /// The folders that paths in these files start from, where not their own.
    pub(super) folders: BTreeMap<usize, PathBuf>,
    pub(super) notes: Vec<String>,
    unset: BTreeSet<String>,
    pub(super) budget: Budget,
    /// Files that services extend, read with these variables.
    pub(super) extended_files: BTreeMap<PathBuf, (DotEnv, Arc<Node>)>,
}

impl<'a> Loader<'a> {
    pub(super) fn new(request: &'a Request<'a>) -> Self {
        Self {
            request,
            files: Vec::new(),
            folders: BTreeMap::new(),
            notes: Vec::new(),
            unset: BTreeSet::new(),
            budget: Budget::default(),
            extended_files: BTreeMap::new(),
        }
    }

    /// Reads all files of the request as one tree, and the variables of `.env`.
    pub(super) fn project(&mut self) -> Result<(Node, DotEnv), Problem> {
        let request = self.request;
        let Some(first) = request.files.first() else {
            return Err(Problem::whole("no file is named", "name a compose file"));
        };
        let folder = folder_of(first);
        let dot_env = self.dot_env(&folder.join(".env"), &DotEnv::new())?;
        let tree = self.merged(request.files, Some(&folder), &dot_env, 0)?;
        for name in std::mem::take(&mut self.unset) {
            self.notes.push(format!(
                "The variable {name} is not set and has no default, so it is empty here; set it in .env beside the first file and import again."
            ));
        }
        Ok((tree, dot_env))
    }

    pub(super) fn merged(
        &mut self,
        paths: &[PathBuf],
        folder: Option<&Path>,
        dot_env: &DotEnv,
        step: usize,
    ) -> Result<Node, Problem> {
        let mut merged: Option<Node> = None;
        for path in paths {
            if let Some(folder) = folder {
                self.folders.insert(self.files.len(), folder.to_owned());
            }
            for document in self.documents(path, dot_env)? {
                let document = self.extended(document, dot_env, step)?;
                let document = self.included(document, dot_env, step)?;
                merged = Some(match merged {
                    None => document,
                    Some(base) => merge(base, document, &mut Vec::new())?,
                });
            }
        }
        merged.map(without_resets).ok_or_else(|| {
            Problem::whole(
                "there is nothing in it",
                "write at least one service under services",
            )
        })
    }

    /// The documents of a file, variables put in.
    pub(super) fn documents(
        &mut self,
        path: &Path,
        dot_env: &DotEnv,
    ) -> Result<Vec<Node>, Problem> {
        let Some((file, text)) = self.text(path)? else {
            let file = self.files.len();
            self.files.push(path.to_owned());
            return Err(Problem::at(
                Place { file, line: 0 },
                "this file cannot be read",
                "check that it exists and that you may read it",
            ));
        };
        let mut documents = documents(&text, file, &mut self.budget)?;
        documents.retain(|it| !it.is_null());
        for document in &mut documents {
            if document.entries().is_none() {
                let what = format!(
                    "a compose file is a mapping, but here stands {}",
                    document.kind()
                );
                return Err(Problem::at(
                    document.place,
                    what,
                    "write services: and the services below it",
                ));
            }
            self.interpolate(document, dot_env, &mut Vec::new())?;
        }
        Ok(documents)
    }

    /// The text of a file and its number; nothing if it cannot be read.
    pub(super) fn text(&mut self, path: &Path) -> Result<Option<(usize, String)>, Problem> {
        let Ok(bytes) = (self.request.read)(path) else {
            return Ok(None);
        };
        let file = self.files.len();
        self.files.push(path.to_owned());
        let place = Place { file, line: 1 };
        if bytes.len() > MAX_FILE_BYTES || file >= MAX_FILES {
            return Err(Problem::at(
                place,
                format!(
                    "an import reads {MAX_FILES} files of {} MiB each at most",
                    MAX_FILE_BYTES >> 20
                ),
                "name fewer or smaller files",
            ));
        }
        self.budget.spend(0, bytes.len(), place)?;
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Some((file, text.trim_start_matches('\u{feff}').to_owned()))),
            Err(error) => {
                let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
                let line = before.split(|it| *it == b'\n').count();
                let line = u32::try_from(line).unwrap_or(u32::MAX);
                Err(Problem::at(
                    Place { file, line },
                    "this file is not text in UTF-8",
                    "save it as UTF-8",
                ))
            }
        }
    }

    /// The variables of a `.env` file that need not exist; `outer` stands above it.
    pub(super) fn dot_env(&mut self, path: &Path, outer: &DotEnv) -> Result<DotEnv, Problem> {
        let mut all = DotEnv::new();
        if let Some((file, text)) = self.text(path)? {
            let variables = self.variables(file, &text, outer, &|_| None)?;
            all.extend(variables.into_iter().map(|(name, it)| (name, it.value)));
        }
        all.extend(outer.iter().map(|(name, it)| (name.clone(), it.clone())));
        Ok(all)
    }

    /// The variables a file of variables sets; `earlier` are those of files before it.
    pub(super) fn variables(
        &mut self,
        file: usize,
        text: &str,
        dot_env: &DotEnv,
        earlier: Lookup<'_>,
    ) -> Result<BTreeMap<String, dotenv::Variable>, Problem> {
        let lookup = |name: &str| self.value(name, dot_env).or_else(|| earlier(name));
        let variables = dotenv::parse(text, &lookup, self.budget.bytes).map_err(|it| {
            let place = Place {
                file,
                line: it.line,
            };
            Problem::at(place, it.what, "write NAME=value, one on a line")
        })?;
        let length = variables.values().map(|it| it.value.len()).sum();
        let place = Place { file, line: 1 };
        self.budget.spend(variables.len(), length, place)?;
        Ok(variables)
    }

    /// The value of a variable: of the environment, or of a `.env` file.
    pub(super) fn value(&self, name: &str, dot_env: &DotEnv) -> Option<String> {
        let outer = self.request.variables.get(name);
        outer.or_else(|| dot_env.get(name)).cloned()
    }

    fn interpolate(
        &mut self,
        node: &mut Node,
        dot_env: &DotEnv,
        path: &mut Vec<String>,
    ) -> Result<(), Problem> {
        match &mut node.value {
            Value::Text(text) if text.contains('$') => {
                let mut unset = BTreeSet::new();
                let lookup = |name: &str| self.value(name, dot_env);
                let value = substitute(text, &lookup, &mut unset, self.budget.bytes)
                    .map_err(|it| variable_problem(&it, text, node.place, path))?;
                self.unset.append(&mut unset);
                self.budget.spend(0, value.len(), node.place)?;
                node.written = Some(std::mem::replace(text, value).into());
            }
            Value::List(items) => {
                for item in items {
                    self.interpolate(item, dot_env, path)?;
                }
            }
            Value::Map(entries) => {
                for (name, entry) in entries {
                    path.push(name.clone());
                    self.interpolate(entry, dot_env, path)?;
                    path.pop();
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// A relative path in a file as seen from the folder of the project, which is that
    /// of the first file; addresses and absolute paths stay as they are.
    pub(super) fn seen_from_project(&self, place: Place, path: &str) -> String {
        let is_relative = !path.starts_with(['/', '~', '\\', '$']) && !path.contains(':');
        let project = self.request.files.first().map(|it| folder_of(it));
        let (project, folder) = (project.unwrap_or_default(), self.beside(place, ""));
        // Joining nothing leaves a separator at the end, which comparing ignores.
        if !is_relative || folder == project {
            return path.to_owned();
        }
        let below = folder.strip_prefix(&project).map(Path::to_owned);
        let folder = below.map_or(folder, |it| Path::new(".").join(it));
        let path = path.strip_prefix("./").unwrap_or(path);
        let path = if path == "." { "" } else { path };
        let joined = folder.join(path).display().to_string();
        joined.trim_end_matches('/').to_owned()
    }

    /// The path a file names, seen from the folder of that file.
    pub(super) fn beside(&self, place: Place, path: &str) -> PathBuf {
        let own = || self.files.get(place.file).map(|it| folder_of(it));
        let folder = self.folders.get(&place.file).cloned().or_else(own);
        folder.unwrap_or_default().join(path)
    }
}

fn variable_problem(mistake: &Mistake, text: &str, place: Place, path: &[String]) -> Problem {
    let path = path.join(".");
    match mistake {
        Mistake::Malformed => Problem::at(
            place,
            format!("{path}: the variable in {text:?} is not closed or has no name"),
            "write ${NAME}, or $$ for a dollar",
        ),
        Mistake::Required { name, message } => {
            let message = if message.is_empty() {
                String::new()
            } else {
                format!(" ({message})")
            };
            Problem::at(
                place,
                format!("{path} needs the variable {name}, which is not set{message}"),
                format!("set {name} in .env beside the first file, or in the environment"),
            )
        }
        Mistake::TooLong => Problem::at(
            place,
            format!("{path}: the variables make more text than Meshboard reads in one import"),
            "use fewer variables that contain each other",
        ),
    }
}

/// One text or a list of texts.
pub(super) fn texts(node: Option<&Node>) -> Vec<String> {
    let Some(node) = node else { return Vec::new() };
    match node.items() {
        Some(items) => items.iter().filter_map(Node::scalar).collect(),
        None => node.scalar().into_iter().collect(),
    }
}

pub(super) fn folder_of(path: &Path) -> PathBuf {
    path.parent().map(Path::to_owned).unwrap_or_default()
}
