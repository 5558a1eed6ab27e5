//! Changes to the design.

use std::{collections::BTreeSet, sync::Arc};

use egui::{Context, ViewportCommand};

use crate::{
    edit::{Document, Edit},
    model::{
        Boundary, BoundaryId, Dependency, ElementId, EnvironmentId, Service, ServiceId,
        ServiceKind, technology,
    },
    project::Position,
    ui::{App, action::Action, canvas::Request, clipboard},
};

/// How far beside the original a copy is put, in points.
const PASTE_OFFSET: i32 = 32;

impl App {
    pub(super) fn act_on_design(&mut self, ctx: &Context, action: Action) {
        match action {
            Action::Undo => self.step(Document::undo),
            Action::Redo => self.step(Document::redo),
            Action::Cut => {
                self.copy(ctx);
                let services = self.state.selected_services().cloned();
                let ids = services.map(ElementId::Service).collect();
                self.edit(Edit::Remove(ids));
            }
            Action::Copy => self.copy(ctx),
            // The desktop answers with an event of its own.
            Action::Paste => ctx.send_viewport_cmd(ViewportCommand::RequestPaste),
            Action::Duplicate => {
                let text = clipboard::copy(self.state.document.project(), self.chosen());
                self.paste(&text);
            }
            Action::Delete => self.edit(Edit::Remove(self.state.selection.clone())),
            Action::SelectAll => {
                let services = &self.state.document.project().model.services;
                let all = services.keys().cloned().map(ElementId::Service).collect();
                self.select(all);
            }
            Action::Rename => {
                if let Some(element) = self.state.selected_element().cloned() {
                    self.canvas.ask(Request::Rename(element));
                }
            }
            Action::AddService => self.add_service(ServiceKind::Service),
            Action::AddDatabase => self.add_service(ServiceKind::Database),
            Action::AddGateway => self.add_service(ServiceKind::Gateway),
            Action::AddBoundary => self.add_boundary(),
            Action::GroupIntoBoundary => self.group(),
            Action::ConnectSelected => self.connect_selected(),
            Action::AddEnvironment => self.add_environment(),
            _ => {}
        }
    }

    /// Changes the design, or says why not.
    pub(in crate::ui) fn edit(&mut self, edit: Edit) {
        let followed = match &edit {
            Edit::ChangeId(from, to) if self.state.selection.contains(from) => {
                with_id(from, to).map(|it| (from.clone(), it))
            }
            _ => None,
        };
        match self.state.document.apply(edit) {
            Ok(()) => {
                self.state.has_design = true;
                if let Some((from, to)) = followed {
                    self.state.selection.remove(&from);
                    self.state.selection.insert(to);
                }
                self.forget_what_is_gone();
            }
            Err(error) => self.notify(format!("this cannot be done: {error}"), true),
        }
    }

    fn step(&mut self, step: impl FnOnce(&mut Document) -> bool) {
        step(&mut self.state.document);
        self.forget_what_is_gone();
    }

    /// Nothing that does not exist is selected, focused or looked at.
    pub(super) fn forget_what_is_gone(&mut self) {
        let project = Arc::clone(self.state.document.project());
        let state = &mut self.state;
        state.selection.retain(|it| project.model.contains(it));
        if let Some(focus) = &mut state.focus {
            focus.retain(|it| project.model.services.contains_key(it));
            if focus.is_empty() {
                state.focus = None;
            }
        }
        let is_gone = |it: &EnvironmentId| !project.environments.contains_key(it);
        if state.environment.as_ref().is_some_and(is_gone) {
            self.choose_environment(None);
        }
        if self.state.environment.is_none() {
            self.state.environment = project.environments.keys().next().cloned();
        }
    }

    fn chosen(&self) -> BTreeSet<ServiceId> {
        self.state.selected_services().cloned().collect()
    }

    fn copy(&mut self, ctx: &Context) {
        ctx.copy_text(clipboard::copy(
            self.state.document.project(),
            self.chosen(),
        ));
    }

    /// Pastes what another window, or this one, copied.
    pub(super) fn paste(&mut self, text: &str) {
        let offset = Position::new(PASTE_OFFSET, PASTE_OFFSET);
        match clipboard::paste(text, self.state.document.project(), offset) {
            Ok(pasted) => {
                self.edit(pasted.edit);
                self.select(pasted.elements);
            }
            Err(error) => self.notify(error.to_string(), true),
        }
    }

    fn add_service(&mut self, kind: ServiceKind) {
        let project = self.state.document.project();
        let mut service = Service::of_kind(kind);
        service.boundary = self.boundary_at_hand();
        let usual = match kind {
            ServiceKind::Database => technology::find("postgres"),
            ServiceKind::Gateway => technology::find("nginx"),
            _ => None,
        };
        if let Some(usual) = usual {
            usual.id.clone_into(&mut service.technology);
            usual
                .image
                .unwrap_or_default()
                .clone_into(&mut service.image);
        }
        let id = ServiceId::from_display_name(&kind.label().to_lowercase(), "service")
            .made_unique(|it| project.model.services.contains_key(it));
        let position = self.canvas.free_spot();
        self.edit(Edit::AddService(
            id.clone(),
            Box::new(service),
            Some(position),
        ));
        self.select([ElementId::Service(id.clone())].into());
        self.canvas.ask(Request::Rename(ElementId::Service(id)));
    }

    /// The boundary that is selected, or that of the selected service.
    fn boundary_at_hand(&self) -> Option<BoundaryId> {
        match self.state.selected_element()? {
            ElementId::Boundary(id) => Some(id.clone()),
            ElementId::Service(id) => {
                let model = &self.state.document.project().model;
                model.boundary_of(id).cloned()
            }
            ElementId::Dependency(_) | ElementId::Route(_) => None,
        }
    }

    fn free_boundary_id(&self) -> BoundaryId {
        let boundaries = &self.state.document.project().model.boundaries;
        BoundaryId::from_display_name("boundary", "boundary")
            .made_unique(|it| boundaries.contains_key(it))
    }

    fn add_boundary(&mut self) {
        let id = self.free_boundary_id();
        let position = self.canvas.free_spot();
        self.edit(Edit::AddBoundary(
            id.clone(),
            Box::default(),
            Some(position),
        ));
        self.select([ElementId::Boundary(id.clone())].into());
        self.canvas.ask(Request::Rename(ElementId::Boundary(id)));
    }

    fn group(&mut self) {
        let id = self.free_boundary_id();
        let model = &self.state.document.project().model;
        let services: Vec<_> = self.chosen().into_iter().collect();
        let mut parents = services.iter().map(|it| model.boundary_of(it));
        let first = parents.next().flatten().cloned();
        let boundary = Boundary {
            parent: first.filter(|first| parents.all(|it| it == Some(first))),
            ..Boundary::default()
        };
        self.edit(Edit::All(
            format!("group {} services", services.len()),
            vec![
                Edit::AddBoundary(id.clone(), Box::new(boundary), None),
                Edit::Join(services, Some(id.clone())),
            ],
        ));
        self.select([ElementId::Boundary(id.clone())].into());
        self.canvas.ask(Request::Rename(ElementId::Boundary(id)));
    }

    /// From the one further left to the other.
    fn connect_selected(&mut self) {
        let project = Arc::clone(self.state.document.project());
        let mut services: Vec<_> = self.chosen().into_iter().collect();
        services.sort_by_key(|it| project.view.positions.get(it).map(|it| (it.x, it.y)));
        if let [from, to] = services.as_slice() {
            let id = project.model.free_dependency_id(from, to);
            let dependency = Dependency::new(from.clone(), to.clone());
            self.edit(Edit::AddDependency(id.clone(), Box::new(dependency)));
            self.select([ElementId::Dependency(id)].into());
        }
    }

    fn add_environment(&mut self) {
        let environments = &self.state.document.project().environments;
        let id = EnvironmentId::from_display_name("local", "local")
            .made_unique(|it| environments.contains_key(it));
        self.edit(Edit::AddEnvironment(id.clone(), Box::default()));
        self.choose_environment(Some(id));
        self.select(BTreeSet::new());
    }
}

fn with_id(element: &ElementId, id: &str) -> Option<ElementId> {
    Some(match element {
        ElementId::Boundary(_) => ElementId::Boundary(id.parse().ok()?),
        ElementId::Service(_) => ElementId::Service(id.parse().ok()?),
        ElementId::Dependency(_) => ElementId::Dependency(id.parse().ok()?),
        ElementId::Route(_) => ElementId::Route(id.parse().ok()?),
    })
}
