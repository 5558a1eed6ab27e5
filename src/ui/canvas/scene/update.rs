//! Brings a scene up to date. What changed is found by comparing the two projects,
//! whose maps share what did not; only if cards or edges come, go or change their
//! boundary is everything made anew.

use std::{collections::BTreeSet, sync::Arc};

use imbl::ordmap::DiffItem;

use super::{Scene, What, build, cards};
use crate::{model::ServiceId, project::Project, ui::canvas::view::to_pos};

impl Scene {
    /// Shows this project, all of it or only what the focus names. Returns whether
    /// anything changed.
    pub(in super::super) fn show(
        &mut self,
        project: &Arc<Project>,
        focus: Option<&BTreeSet<ServiceId>>,
    ) -> bool {
        let same_focus = self.focus.as_ref() == focus;
        let Some(shown) = self.project.clone() else {
            self.rebuild(project, focus);
            return true;
        };
        if Arc::ptr_eq(&shown, project) && same_focus {
            return false;
        }
        if !same_focus || !self.follow(&shown, project) {
            self.rebuild(project, focus);
        }
        self.project = Some(Arc::clone(project));
        true
    }

    fn rebuild(&mut self, project: &Arc<Project>, focus: Option<&BTreeSet<ServiceId>>) {
        let placed = std::mem::take(&mut self.placed);
        let before = std::mem::take(self);
        *self = build::build(project, focus, placed, &before);
        self.structure = before.structure + 1;
        self.moves = before.moves + 1;
        self.project = Some(Arc::clone(project));
        self.focus = focus.cloned();
    }

    /// Changes only what differs; false if that is not enough.
    fn follow(&mut self, shown: &Project, project: &Project) -> bool {
        let same_structure = shown.model.boundaries == project.model.boundaries
            && shown.view.collapsed == project.view.collapsed
            && shown.view.empty_boundaries == project.view.empty_boundaries;
        if !same_structure || !self.follow_services(shown, project) {
            return false;
        }
        for item in shown.model.dependencies.diff(&project.model.dependencies) {
            let DiffItem::Update { old, new } = item else {
                return false;
            };
            let same_ends = old.1.from == new.1.from && old.1.to == new.1.to;
            let Some(number) = self.edge_of(new.0) else {
                return false;
            };
            let is_bundle = self.edges[number].dependencies.len() > 1;
            if !same_ends || is_bundle || build::line_of(old.1) != build::line_of(new.1) {
                return false;
            }
            let edge = &mut self.edges[number];
            edge.guard = build::guard_of(&project.model, new.1);
            edge.dependency = Some(Arc::clone(new.1));
        }
        self.follow_positions(shown, project)
    }

    fn follow_services(&mut self, shown: &Project, project: &Project) -> bool {
        for item in shown.model.services.diff(&project.model.services) {
            let DiffItem::Update { old, new } = item else {
                return false;
            };
            let same_place = old.1.boundary == new.1.boundary;
            if !same_place || old.1.starts_after != new.1.starts_after {
                return false;
            }
            let Some(number) = self.node_of(new.0) else {
                return false;
            };
            let node = &mut self.nodes[number];
            if matches!(node.what, What::Service(..)) {
                project.model.service_name(new.0).clone_into(&mut node.name);
                node.detail = cards::detail_of(new.1);
                node.what = What::Service(new.0.clone(), Arc::clone(new.1));
            }
        }
        true
    }

    fn follow_positions(&mut self, shown: &Project, project: &Project) -> bool {
        let mut moved = Vec::new();
        for item in shown.view.positions.diff(&project.view.positions) {
            let (id, position) = match item {
                DiffItem::Add(id, position) => (id, position),
                DiffItem::Update { new, .. } => new,
                DiffItem::Remove(..) => return false,
            };
            let Some(number) = self.node_of(id) else {
                return false;
            };
            if matches!(self.nodes[number].what, What::Collapsed(..)) {
                return false;
            }
            self.placed.remove(id);
            self.nodes[number].home = to_pos(*position);
            moved.push((number, to_pos(*position)));
        }
        if !moved.is_empty() {
            self.move_for_now(moved.into_iter());
            self.fit_frames(|_| false);
        }
        true
    }
}
