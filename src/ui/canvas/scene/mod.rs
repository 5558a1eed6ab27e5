//! What there is to draw: cards, edges and frames with numbers, places and words.
//!
//! Made from a project and kept: an edit that leaves the structure alone changes only
//! what it touched. Everything on the canvas speaks of numbers in these lists; ids
//! appear only where something leaves the canvas.

mod build;
mod cards;
mod frames;
mod place;
mod update;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use egui::{Pos2, Rect, Vec2};

pub(super) use self::frames::HEADER;
use super::geometry::{self, Wire};
use crate::{
    layout::Router,
    model::{
        BoundaryColor, BoundaryId, Dependency, DependencyId, ElementId, Model, Service, ServiceId,
    },
    project::Project,
    ui::theme::{self, Theme},
};

/// The color of a boundary: the one it has, or the one whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tone {
    color: Option<BoundaryColor>,
    turn: usize,
}

impl Tone {
    /// What it looks like.
    pub(super) fn of(self, theme: &Theme) -> egui::Color32 {
        theme.boundary(self.color, self.turn)
    }
}

/// What a card stands for.
#[derive(Debug, Clone)]
pub(super) enum What {
    /// A service.
    Service(ServiceId, Arc<Service>),
    /// A boundary drawn as one card.
    Collapsed(BoundaryId),
}

/// A card.
#[derive(Debug, Clone)]
pub(super) struct Node {
    /// What it stands for.
    pub(super) what: What,
    /// Its middle, moved along with a drag or an animation.
    pub(super) center: Pos2,
    /// Its middle as the document says.
    pub(super) home: Pos2,
    /// The innermost frame around it.
    pub(super) frame: Option<usize>,
    /// The color of its boundary; `None` outside of all.
    pub(super) tone: Option<Tone>,
    /// Its display name.
    pub(super) name: String,
    /// Its second line while drawing.
    pub(super) detail: String,
    /// Services behind it: more than one only for a collapsed boundary.
    pub(super) services: Vec<ServiceId>,
    /// Numbers of the edges that end here.
    pub(super) edges: Vec<usize>,
    /// Whether only a hint of it is drawn, because the focus is elsewhere.
    pub(super) is_ghost: bool,
}

impl Node {
    /// Where its card is.
    pub(super) fn rect(&self) -> Rect {
        Rect::from_center_size(self.center, theme::CARD)
    }

    /// What is selected with it.
    pub(super) fn element(&self) -> ElementId {
        match &self.what {
            What::Service(id, _) => ElementId::Service(id.clone()),
            What::Collapsed(id) => ElementId::Boundary(id.clone()),
        }
    }

    /// Its service, if it stands for one.
    pub(super) fn service(&self) -> Option<(&ServiceId, &Service)> {
        match &self.what {
            What::Service(id, service) => Some((id, service)),
            What::Collapsed(..) => None,
        }
    }
}

/// What kind of line an edge is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    /// The caller waits.
    Call,
    /// The caller goes on.
    Event,
    /// Not a call at all, only an order in which things start.
    StartOrder,
}

/// What guards an edge, as it is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Guard {
    /// None is needed.
    Unneeded,
    /// A synchronous call leaves its boundary and nothing guards it.
    Missing,
    /// There is a breaker.
    Breaker,
}

/// A line between two cards.
#[derive(Debug, Clone)]
pub(super) struct Edge {
    /// Number of the caller's card.
    pub(super) from: usize,
    /// Number of the called card.
    pub(super) to: usize,
    /// What kind of line it is.
    pub(super) line: Line,
    /// The dependencies behind it; several only at a collapsed boundary, none for a start order.
    pub(super) dependencies: Vec<DependencyId>,
    /// The first of them.
    pub(super) dependency: Option<Arc<Dependency>>,
    /// What guards it.
    pub(super) guard: Guard,
    /// How it runs.
    pub(super) wire: Wire,
    /// The smallest rectangle around it.
    pub(super) bounds: Rect,
}

impl Edge {
    /// What is selected with it.
    pub(super) fn element(&self) -> Option<ElementId> {
        self.dependencies
            .first()
            .cloned()
            .map(ElementId::Dependency)
    }

    /// The card at the other end.
    pub(super) fn other_end(&self, node: usize) -> usize {
        if self.from == node {
            self.to
        } else {
            self.from
        }
    }
}

/// The frame around a boundary.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    /// Its boundary.
    pub(super) id: BoundaryId,
    /// Its display name.
    pub(super) name: String,
    /// The team that owns it.
    pub(super) team: String,
    /// Its color.
    pub(super) tone: Tone,
    /// Number of the frame around it; always a smaller one.
    pub(super) parent: Option<usize>,
    /// Where it is.
    pub(super) rect: Rect,
    /// Where it is while there is nothing in it.
    empty_at: Option<Pos2>,
    /// Whether anything is in it.
    pub(super) is_empty: bool,
}

#[derive(Debug, Default)]
struct Compact {
    centers: Vec<Pos2>,
    tones: Vec<Option<Tone>>,
    ghosts: Vec<bool>,
    bounds: Vec<Rect>,
    ends: Vec<(u32, u32, Line)>,
}

/// Everything there is to draw.
#[derive(Debug, Default)]
pub(super) struct Scene {
    /// Every card, services by id, then collapsed boundaries.
    pub(super) nodes: Vec<Node>,
    /// Every edge.
    pub(super) edges: Vec<Edge>,
    /// Every frame, outer ones before those inside.
    pub(super) frames: Vec<Frame>,
    /// Which card shows a service.
    node_of: HashMap<ServiceId, usize>,
    /// Which edge shows a dependency.
    edge_of: HashMap<DependencyId, usize>,
    /// Which frame shows a boundary.
    frame_of: HashMap<BoundaryId, usize>,
    router: Router,
    /// What is asked for every card in every frame, close together in memory: a walk
    /// over ten thousand whole cards costs more than drawing them as dots.
    compact: Compact,
    extent: Option<Rect>,
    /// Grows whenever a card moves.
    pub(super) moves: u64,
    /// Places of services that the document does not place; kept, so that they do not jump.
    placed: BTreeMap<ServiceId, Pos2>,
    project: Option<Arc<Project>>,
    focus: Option<BTreeSet<ServiceId>>,
    /// Grows when cards or edges come or go.
    pub(super) structure: u64,
}

impl Scene {
    /// What is shown.
    pub(super) fn model(&self) -> Option<&Model> {
        self.project.as_ref().map(|it| &it.model)
    }

    /// The card that shows a service.
    pub(super) fn node_of(&self, id: &ServiceId) -> Option<usize> {
        self.node_of.get(id).copied()
    }

    /// The edge that shows a dependency.
    pub(super) fn edge_of(&self, id: &DependencyId) -> Option<usize> {
        self.edge_of.get(id).copied()
    }

    /// The frame that shows a boundary.
    pub(super) fn frame_of(&self, id: &BoundaryId) -> Option<usize> {
        self.frame_of.get(id).copied()
    }

    /// The card of a boundary that is drawn as one.
    pub(super) fn collapsed_node(&self, id: &BoundaryId) -> Option<usize> {
        self.nodes
            .iter()
            .rposition(|it| matches!(&it.what, What::Collapsed(own) if own == id))
    }

    /// Where a service is shown that the document does not place.
    pub(super) fn placed(&self, id: &ServiceId) -> Option<Pos2> {
        self.placed.get(id).copied()
    }

    /// Where an element is drawn.
    pub(super) fn place_of(&self, element: &ElementId) -> Option<Rect> {
        match element {
            ElementId::Service(id) => self.node_of(id).map(|it| self.nodes[it].rect()),
            ElementId::Dependency(id) => self.edge_of(id).map(|it| self.edges[it].bounds),
            ElementId::Boundary(id) => match self.frame_of(id) {
                Some(frame) => Some(self.frames[frame].rect),
                None => self.collapsed_node(id).map(|it| self.nodes[it].rect()),
            },
            ElementId::Route(id) => {
                let route = self.project.as_ref()?.model.routes.get(id)?;
                self.node_of(&route.service).map(|it| self.nodes[it].rect())
            }
        }
    }

    /// The middle of every card.
    pub(super) fn centers(&self) -> &[Pos2] {
        &self.compact.centers
    }

    /// The color of a card's boundary, and whether only a hint of it is drawn.
    pub(super) fn ink(&self, node: usize) -> (Option<Tone>, bool) {
        (self.compact.tones[node], self.compact.ghosts[node])
    }

    /// The smallest rectangle around every edge.
    pub(super) fn edge_bounds(&self) -> &[Rect] {
        &self.compact.bounds
    }

    /// The cards an edge joins, and what kind of line it is.
    pub(super) fn ends(&self, edge: usize) -> (usize, usize, Line) {
        let (from, to, line) = self.compact.ends[edge];
        (from as usize, to as usize, line)
    }

    /// The smallest rectangle around everything.
    pub(super) fn bounds(&self) -> Option<Rect> {
        self.extent
    }

    fn measure(&mut self) {
        let cards = self.nodes.iter().filter(|it| !it.is_ghost).map(Node::rect);
        let shown = cards.chain(self.frames.iter().map(|it| it.rect));
        self.extent = shown.reduce(Rect::union);
    }

    fn pack(&mut self) {
        let nodes = &self.nodes;
        self.compact = Compact {
            centers: nodes.iter().map(|it| it.center).collect(),
            tones: nodes.iter().map(|it| it.tone).collect(),
            ghosts: nodes.iter().map(|it| it.is_ghost).collect(),
            bounds: vec![Rect::ZERO; self.edges.len()],
            ends: self
                .edges
                .iter()
                .map(|it| (it.from as u32, it.to as u32, it.line))
                .collect(),
        };
    }

    /// Moves cards for now; the document stays as it is.
    pub(super) fn move_for_now(&mut self, places: impl Iterator<Item = (usize, Pos2)>) {
        let mut moved = Vec::new();
        for (node, center) in places {
            if self.nodes[node].center != center {
                self.nodes[node].center = center;
                self.compact.centers[node] = center;
                self.moves += 1;
                moved.push(node);
            }
        }
        if !moved.is_empty() {
            self.reroute(&moved);
        }
    }

    /// Moves every card back to where the document says.
    pub(super) fn move_home(&mut self) {
        let homes: Vec<_> = self.nodes.iter().map(|it| it.home).enumerate().collect();
        self.move_for_now(homes.into_iter());
    }

    /// Lays the lines of these cards anew.
    fn reroute(&mut self, moved: &[usize]) {
        let places: Vec<_> = moved
            .iter()
            .map(|&it| (it, geometry::to_layout(self.nodes[it].rect())))
            .collect();
        for number in self.router.reroute(&places) {
            self.take_route(number);
        }
    }

    fn route_all(&mut self) {
        let cards = self.nodes.iter().map(|it| geometry::to_layout(it.rect()));
        let ends = self.edges.iter().map(|it| (it.from, it.to));
        self.router = Router::new(cards.collect(), ends.collect());
        for number in 0..self.edges.len() {
            self.take_route(number);
        }
    }

    fn take_route(&mut self, number: usize) {
        let wire = Wire::from(&self.router.routes()[number]);
        let edge = &mut self.edges[number];
        edge.bounds = wire.bounds();
        self.compact.bounds[number] = edge.bounds;
        edge.wire = wire;
    }

    /// The cards inside a frame and the frames inside it.
    pub(super) fn inside(&self, frame: usize) -> (Vec<usize>, Vec<usize>) {
        let is_inside = |start: Option<usize>| {
            std::iter::successors(start, |it| self.frames[*it].parent).any(|it| it == frame)
        };
        let nodes = (0..self.nodes.len())
            .filter(|it| is_inside(self.nodes[*it].frame))
            .collect();
        let frames = (frame..self.frames.len())
            .filter(|it| is_inside(Some(*it)))
            .collect();
        (nodes, frames)
    }

    /// Moves empty frames for now.
    pub(super) fn move_frames_for_now(&mut self, frames: &[usize], by: Vec2) {
        for &frame in frames {
            let frame = &mut self.frames[frame];
            if frame.is_empty {
                let home = frame.empty_at.unwrap_or_else(|| frame.rect.center());
                frame.empty_at.get_or_insert(home);
                frame.rect = frames::empty_rect(home + by);
            }
        }
    }
}
