//! Naming in place: of a service that comes into being with its name, and of what
//! exists. Enter or a click elsewhere keeps the name, Escape gives up.

use egui::{Id, Key, Pos2, Rect, TextEdit, Ui, vec2};

use super::{
    Canvas, hit,
    scene::Scene,
    view::{View, to_position},
};
use crate::{
    edit::Edit,
    model::{Boundary, BoundaryId, Dependency, ElementId, Model, Service, ServiceId, technology},
    project::Project,
    ui::{
        command::{Command, Commands},
        state::State,
        theme::{self, Theme},
    },
};

/// What is being named.
#[derive(Debug, Clone, PartialEq)]
enum Subject {
    /// A service that will be here, and who will call it.
    New {
        at: Pos2,
        boundary: Option<BoundaryId>,
        called_by: Option<ServiceId>,
    },
    /// A service.
    Service(ServiceId),
    /// A boundary.
    Boundary(BoundaryId),
}

/// A name that is being typed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Naming {
    subject: Subject,
    text: String,
    is_fresh: bool,
}

impl Naming {
    /// Of a service that comes into being here, and is called by another if so wanted.
    pub(super) fn new_service(scene: &Scene, at: Pos2, called_by: Option<ServiceId>) -> Self {
        let frame = hit::frame_at(scene, at, |_| true);
        let at = ((at.to_vec2() / super::snap::GRID).round() * super::snap::GRID).to_pos2();
        Self {
            subject: Subject::New {
                at,
                boundary: frame.map(|it| scene.frames[it].id.clone()),
                called_by,
            },
            text: String::new(),
            is_fresh: true,
        }
    }

    /// Of something that exists; `None` if it has no name of its own.
    pub(super) fn of(element: &ElementId, model: &Model) -> Option<Self> {
        let subject = match element {
            ElementId::Service(id) => Subject::Service(id.clone()),
            ElementId::Boundary(id) => Subject::Boundary(id.clone()),
            ElementId::Dependency(_) | ElementId::Route(_) => return None,
        };
        Some(Self {
            subject,
            text: model.element_name(element),
            is_fresh: true,
        })
    }

    /// Where its field goes, in window points.
    fn place(&self, scene: &Scene, view: View) -> Option<Rect> {
        let zoom = view.zoom.max(0.8);
        let field = |left: Pos2, width: f32| {
            let size = vec2(width, theme::CONTROL_HEIGHT);
            Rect::from_min_size(left - vec2(6.0, size.y / 2.0), size)
        };
        match &self.subject {
            Subject::New { at, .. } => {
                let card = Rect::from_center_size(view.to_screen(*at), theme::CARD * zoom);
                Some(field(
                    card.left_center() + vec2(16.0, 0.0),
                    card.width() - 20.0,
                ))
            }
            Subject::Service(id) => {
                let card = view.rect_to_screen(scene.nodes[scene.node_of(id)?].rect());
                let left = card.left_top() + vec2(52.0, 20.5) * view.zoom;
                Some(field(left, (card.right() - left.x).max(120.0)))
            }
            Subject::Boundary(id) => {
                let place = scene.place_of(&ElementId::Boundary(id.clone()))?;
                let rect = view.rect_to_screen(place);
                let left = rect.left_top() + vec2(14.0, 18.0) * view.zoom;
                Some(field(left, (rect.width() - 28.0).clamp(120.0, 240.0)))
            }
        }
    }

    /// What keeping the name means, and what is selected then.
    fn edit(&self, project: &Project) -> Option<(Edit, Option<ElementId>)> {
        let (model, text) = (&project.model, self.text.trim());
        match &self.subject {
            Subject::New {
                at,
                boundary,
                called_by,
            } => {
                let id = ServiceId::from_display_name(text, "service")
                    .made_unique(|it| model.services.contains_key(it));
                let service = named_service(text, &id, boundary.clone());
                let add = Edit::AddService(id.clone(), Box::new(service), Some(to_position(*at)));
                let edit = match called_by {
                    None => add,
                    Some(caller) => {
                        let dependency = Dependency::new(caller.clone(), id.clone());
                        let connect = Edit::AddDependency(
                            model.free_dependency_id(caller, &id),
                            Box::new(dependency),
                        );
                        Edit::All(add.label(), vec![add, connect])
                    }
                };
                Some((edit, Some(ElementId::Service(id))))
            }
            Subject::Service(id) => {
                let mut service = Service::clone(model.services.get(id)?);
                service.name = if text == id.as_str() {
                    String::new()
                } else {
                    text.to_owned()
                };
                Some((
                    Edit::ChangeService(id.clone(), Box::new(service), "name"),
                    None,
                ))
            }
            Subject::Boundary(id) => {
                let mut boundary = Boundary::clone(model.boundaries.get(id)?);
                boundary.name = if text == id.as_str() {
                    String::new()
                } else {
                    text.to_owned()
                };
                Some((
                    Edit::ChangeBoundary(id.clone(), Box::new(boundary), "name"),
                    None,
                ))
            }
        }
    }
}

/// A service with this name; one that is called like a technology is of it.
fn named_service(text: &str, id: &ServiceId, boundary: Option<BoundaryId>) -> Service {
    let mut service = Service {
        boundary,
        ..Service::default()
    };
    if text != id.as_str() {
        text.clone_into(&mut service.name);
    }
    if let Some(known) = technology::find(text) {
        service.kind = known.kind;
        known.id.clone_into(&mut service.technology);
    }
    service
}

impl Canvas {
    /// Begins naming.
    pub(super) fn name(&mut self, naming: Naming) {
        self.naming = Some(naming);
        self.picture += 1;
    }

    /// Begins naming something that exists.
    pub(super) fn rename(&mut self, element: &ElementId) {
        if let Some(naming) = self.scene.model().and_then(|it| Naming::of(element, it)) {
            self.name(naming);
        }
    }

    /// Where a new service's card will be, while it is named.
    pub(super) fn unborn(&self) -> Option<(Pos2, Option<&ServiceId>)> {
        match &self.naming.as_ref()?.subject {
            Subject::New { at, called_by, .. } => Some((*at, called_by.as_ref())),
            Subject::Service(_) | Subject::Boundary(_) => None,
        }
    }

    /// Shows the field, if something is being named.
    pub(super) fn naming_ui(&mut self, ui: &mut Ui, state: &State, commands: &mut Commands) {
        let Some(naming) = &mut self.naming else {
            return;
        };
        let Some(place) = naming.place(&self.scene, self.view) else {
            self.naming = None;
            return;
        };
        let id = Id::new("name in place");
        let look = Theme::of(ui.ctx());
        let field = TextEdit::singleline(&mut naming.text)
            .id(id)
            .hint_text("Name of the new service")
            .text_color(look.text)
            .margin(egui::Margin::symmetric(6, 4))
            .desired_width(place.width());
        let response = ui.place(place, field);
        ui.ctx()
            .accesskit_node_builder(id, |it| it.set_label("Name"));
        if std::mem::take(&mut naming.is_fresh) {
            response.request_focus();
            select_all(ui, id, naming.text.chars().count());
            return;
        }
        if !response.lost_focus() {
            return;
        }
        let gave_up = ui.input(|it| it.key_pressed(Key::Escape));
        let Some(naming) = self.naming.take() else {
            return;
        };
        self.picture += 1;
        ui.memory_mut(|it| it.request_focus(self.id));
        if gave_up || naming.text.trim().is_empty() {
            return;
        }
        if let Some((edit, element)) = naming.edit(state.document.project()) {
            commands.edit(edit);
            commands.push(Command::EndMerge);
            if let Some(element) = element {
                commands.select(element);
            }
        }
    }
}

fn select_all(ui: &Ui, id: Id, count: usize) {
    use egui::text::{CCursor, CCursorRange};
    let mut state = TextEdit::load_state(ui.ctx(), id).unwrap_or_default();
    let all = CCursorRange::two(CCursor::new(0), CCursor::new(count));
    state.cursor.set_char_range(Some(all));
    state.store(ui.ctx(), id);
}
