//! What files say about other files: `extends` and `include`.
//!
//! Both are resolved while loading and leave no trace in the tree but their content.
//! Circles end after [`MAX_STEPS`], however they are closed.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    load::{DotEnv, Loader, folder_of, texts},
    merge::merge,
    node::{Entries, Node, Place, Problem, Value},
};

/// How far files may lead to further files.
const MAX_STEPS: usize = 30;

impl Loader<'_> {
    /// Completes every service that extends another.
    pub(super) fn extended(
        &mut self,
        mut document: Node,
        dot_env: &DotEnv,
        step: usize,
    ) -> Result<Node, Problem> {
        let Some(services) = document.get("services").and_then(Node::entries) else {
            return Ok(document);
        };
        let extending: Vec<_> = services
            .iter()
            .filter(|(_, it)| it.get("extends").is_some())
            .map(|(name, _)| name.clone())
            .collect();
        let mut complete = Vec::new();
        for name in extending {
            let service = self.complete_service(&document, &name, dot_env, step)?;
            complete.push((name, service));
        }
        if let Value::Map(entries) = &mut document.value
            && let Some(Value::Map(services)) = entries.get_mut("services").map(|it| &mut it.value)
        {
            services.extend(complete);
        }
        Ok(document)
    }

    fn complete_service(
        &mut self,
        document: &Node,
        name: &str,
        dot_env: &DotEnv,
        step: usize,
    ) -> Result<Node, Problem> {
        let services = document.get("services");
        let Some(service) = services.and_then(|it| it.get(name)).cloned() else {
            return Err(Problem::at(
                document.place,
                format!("there is no service {name:?} to extend"),
                "check the name after extends",
            ));
        };
        let Some(extends) = service.get("extends").cloned() else {
            return Ok(service);
        };
        if step > MAX_STEPS {
            return Err(Problem::at(
                extends.place,
                format!("{name} extends itself in the end"),
                "remove one extends of the circle",
            ));
        }
        let base_name = extends
            .scalar()
            .or_else(|| extends.get("service")?.scalar());
        let Some(base_name) = base_name else {
            return Err(Problem::at(
                extends.place,
                format!("{name}: extends names no service"),
                "write extends: with service: and, if need be, file: below it",
            ));
        };
        let base = match extends.get("file").and_then(Node::scalar) {
            Some(file) => {
                let path = self.beside(extends.place, &file);
                let other = self.extended_file(path, dot_env, extends.place)?;
                self.complete_service(&other, &base_name, dot_env, step + 1)?
            }
            None => self.complete_service(document, &base_name, dot_env, step + 1)?,
        };
        let mut path = vec!["services".to_owned(), name.to_owned()];
        let mut merged = merge(base, service, &mut path)?;
        if let Value::Map(entries) = &mut merged.value {
            entries.remove("extends");
        }
        self.budget.spend(merged.measure().0, 0, extends.place)?;
        Ok(merged)
    }

    /// A file that a service extends; many services may extend the same.
    fn extended_file(
        &mut self,
        path: PathBuf,
        dot_env: &DotEnv,
        place: Place,
    ) -> Result<Arc<Node>, Problem> {
        if let Some((variables, node)) = self.extended_files.get(&path)
            && variables == dot_env
        {
            return Ok(Arc::clone(node));
        }
        let mut file = Node::map(Entries::new(), place);
        for document in self.documents(&path, dot_env)? {
            file = merge(file, document, &mut Vec::new())?;
        }
        let file = Arc::new(file);
        let kept = (dot_env.clone(), Arc::clone(&file));
        self.extended_files.insert(path, kept);
        Ok(file)
    }

    /// Adds what the files named under `include` say.
    pub(super) fn included(
        &mut self,
        mut document: Node,
        dot_env: &DotEnv,
        step: usize,
    ) -> Result<Node, Problem> {
        let Value::Map(entries) = &mut document.value else {
            return Ok(document);
        };
        let Some(include) = entries.remove("include") else {
            return Ok(document);
        };
        if step > MAX_STEPS {
            return Err(Problem::at(
                include.place,
                "the files under include lead back to themselves",
                "remove one include of the circle",
            ));
        }
        for entry in include.items().unwrap_or_default() {
            let paths = entry
                .scalar()
                .map_or_else(|| texts(entry.get("path")), |it| vec![it]);
            let paths: Vec<_> = paths
                .iter()
                .map(|it| self.beside(entry.place, it))
                .collect();
            let Some(first) = paths.first() else {
                return Err(Problem::at(
                    entry.place,
                    "an entry of include names no file",
                    "write its path",
                ));
            };
            let project = entry.get("project_directory").and_then(Node::scalar);
            let folder = project.map(|it| self.beside(entry.place, &it));
            let inner = self.included_variables(entry, first, folder.as_deref(), dot_env)?;
            let other = self.merged(&paths, folder.as_deref(), &inner, step + 1)?;
            add_resources(entries, other, entry.place)?;
        }
        Ok(document)
    }

    /// The variables an included file sees: its own `.env` below those of this one.
    fn included_variables(
        &mut self,
        entry: &Node,
        first: &Path,
        folder: Option<&Path>,
        dot_env: &DotEnv,
    ) -> Result<DotEnv, Problem> {
        let mut variables = dot_env.clone();
        let files = texts(entry.get("env_file"));
        if files.is_empty() {
            let folder = folder.map_or_else(|| folder_of(first), Path::to_owned);
            return self.dot_env(&folder.join(".env"), &variables);
        }
        for file in files {
            let path = self.beside(entry.place, &file);
            variables = self.dot_env(&path, &variables)?;
        }
        Ok(variables)
    }
}

/// Adds services, networks and so on of an included file; the same name may stand for
/// the same thing only.
fn add_resources(entries: &mut Entries, other: Node, place: Place) -> Result<(), Problem> {
    let Value::Map(other) = other.value else {
        return Ok(());
    };
    for (section, node) in other {
        let Value::Map(resources) = node.value else {
            continue;
        };
        let own = entries
            .entry(section.clone())
            .or_insert_with(|| Node::map(Entries::new(), place));
        if own.is_null() {
            own.value = Value::Map(Entries::new());
        }
        let Value::Map(own) = &mut own.value else {
            continue;
        };
        for (name, resource) in resources {
            let is_same = own
                .get(&name)
                .is_none_or(|it| it.as_written() == resource.as_written());
            if !is_same {
                return Err(Problem::at(
                    place,
                    format!(
                        "the included file says something else about {section}.{name} than this one"
                    ),
                    "rename one of them",
                ));
            }
            own.entry(name).or_insert(resource);
        }
    }
    Ok(())
}
