//! The document: a project with its past and its undone future.

use std::sync::Arc;

use super::{Edit, EditError, MergeKey};
use crate::project::{Camera, Project};

/// A project with its past and its undone future. Undo has no limit: the steps
/// share everything that did not change.
#[derive(Debug, Clone)]
pub struct Document {
    project: Arc<Project>,
    saved: Arc<Project>,
    undo: Vec<Step>,
    redo: Vec<Step>,
    /// Grows with every change, undo and redo included.
    revision: u64,
    /// The last edit's key while further edits may still join it.
    mergeable: Option<MergeKey>,
}

/// What was before a change, or after an undone one.
#[derive(Debug, Clone)]
struct Step {
    label: String,
    project: Arc<Project>,
}

impl Document {
    /// A document that is as its file says.
    pub fn new(project: Project) -> Self {
        let project = Arc::new(project);
        Self {
            saved: Arc::clone(&project),
            project,
            undo: Vec::new(),
            redo: Vec::new(),
            revision: 0,
            mergeable: None,
        }
    }

    /// A document with work that no file holds yet.
    pub fn unsaved(project: Project) -> Self {
        Self {
            saved: Arc::default(),
            ..Self::new(project)
        }
    }

    /// What it says now.
    pub fn project(&self) -> &Arc<Project> {
        &self.project
    }

    /// Differs whenever the project does.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Does an edit. One that changes nothing leaves no step; one that fails changes nothing.
    pub fn apply(&mut self, edit: Edit) -> Result<(), EditError> {
        let key = MergeKey::of(&edit);
        let label = edit.label();
        let touches_references = edit.touches_references(&self.project);
        let mut next = Project::clone(&self.project);
        edit.apply(&mut next)?;
        if touches_references {
            next.model.check_references()?;
        }
        if next == *self.project {
            return Ok(());
        }
        let joins_last_step = key.is_some() && key == self.mergeable && !self.undo.is_empty();
        let before = std::mem::replace(&mut self.project, Arc::new(next));
        if !joins_last_step {
            self.undo.push(Step {
                label,
                project: before,
            });
        }
        self.redo.clear();
        self.mergeable = key;
        self.revision += 1;
        Ok(())
    }

    /// Ends the typing in a field: the next edit is a step of its own.
    pub fn end_merge(&mut self) {
        self.mergeable = None;
    }

    /// What undo would take back.
    pub fn undo_label(&self) -> Option<&str> {
        self.undo.last().map(|it| it.label.as_str())
    }

    /// What redo would do again.
    pub fn redo_label(&self) -> Option<&str> {
        self.redo.last().map(|it| it.label.as_str())
    }

    /// Takes the last step back; false if there is none.
    pub fn undo(&mut self) -> bool {
        step_over(&mut self.project, &mut self.undo, &mut self.redo)
            .inspect(|()| self.stepped())
            .is_some()
    }

    /// Does the last undone step again; false if there is none.
    pub fn redo(&mut self) -> bool {
        step_over(&mut self.project, &mut self.redo, &mut self.undo)
            .inspect(|()| self.stepped())
            .is_some()
    }

    fn stepped(&mut self) {
        self.mergeable = None;
        self.revision += 1;
    }

    /// Whether it holds work that its file does not.
    pub fn is_unsaved(&self) -> bool {
        !Arc::ptr_eq(&self.saved, &self.project) && *self.saved != *self.project
    }

    /// Its file now says this.
    pub fn mark_saved(&mut self, project: Arc<Project>) {
        self.saved = project;
    }

    /// What to write: the project with what part of it is on screen. Looking around
    /// is neither unsaved work nor something to undo.
    pub fn to_save(&self, camera: Option<Camera>) -> Project {
        let mut project = Project::clone(&self.project);
        if camera.is_some() {
            project.view.camera = camera;
        }
        project
    }
}

/// Moves one step from one stack to the other; `None` if there is none.
fn step_over(
    project: &mut Arc<Project>,
    taken_from: &mut Vec<Step>,
    put_on: &mut Vec<Step>,
) -> Option<()> {
    let step = taken_from.pop()?;
    let current = std::mem::replace(project, step.project);
    put_on.push(Step {
        label: step.label,
        project: current,
    });
    Some(())
}
