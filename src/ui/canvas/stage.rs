//! What the display types of `egui_graphs` draw from.
//!
//! The crate clones a node's payload twice for every edge in every frame, so payloads
//! are numbers, and what they stand for lies here for the time of one `show`. A
//! display type that is out of sight returns an empty list, which allocates nothing.

use std::{cell::RefCell, sync::Arc};

use egui::{Context, Rect, Shape};

use super::{
    brush::Brush,
    card::{self, Face},
    flat::Flat,
    label::Taken,
    line::{self, Plain, Stress},
    live::Live,
    scene::Scene,
    view::{Detail, Projection, View},
};
use crate::ui::{
    state::{Judgement, Mode},
    theme::{self, Theme},
    widgets::breaker_glyph::BreakerGlyph as Glyph,
};

thread_local! {
    /// Set while a graph is shown; the window has one thread.
    static STAGE: RefCell<Option<Stage>> = const { RefCell::new(None) };
}

/// It is in sight.
pub(super) const SEEN: u8 = 1;
/// It is selected.
pub(super) const SELECTED: u8 = 2;
/// The pointer is over it, or it ends at what is selected.
pub(super) const NEAR: u8 = 4;

/// Everything that one frame is drawn from.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) scene: Scene,
    pub(super) live: Live,
    pub(super) look: Look,
    /// What is drawn as one mesh below everything else.
    pub(super) lines: Flat,
    /// The same for cards, above the lines.
    pub(super) cards: Flat,
    /// Words of edges, above everything.
    pub(super) words: Vec<Shape>,
}

/// How it is looked at.
#[derive(Debug)]
pub(super) struct Look {
    pub(super) theme: &'static Theme,
    pub(super) view: View,
    pub(super) mode: Mode,
    pub(super) judgement: Arc<Judgement>,
    /// For each card [`SEEN`], [`SELECTED`], [`NEAR`].
    pub(super) nodes: Vec<u8>,
    /// The same for each edge.
    pub(super) edges: Vec<u8>,
    /// What words of edges must keep clear of.
    pub(super) taken: Taken,
    /// How plain lines are drawn.
    pub(super) plain: Plain,
    pub(super) projection: Projection,
}

/// Runs `show` with the stage set, and gives it back.
pub(super) fn with<R>(stage: Stage, show: impl FnOnce() -> R) -> (Option<Stage>, R) {
    STAGE.set(Some(stage));
    let result = show();
    (STAGE.take(), result)
}

/// Draws a card.
pub(super) fn node_shapes(number: usize, ctx: &Context) -> Vec<Shape> {
    STAGE.with_borrow_mut(|stage| match stage {
        Some(stage) if stage.look.nodes[number] & SEEN != 0 => stage.paint_node(number, ctx),
        Some(_) | None => Vec::new(),
    })
}

/// Draws an edge.
pub(super) fn edge_shapes(number: usize, ctx: &Context) -> Vec<Shape> {
    STAGE.with_borrow_mut(|stage| match stage {
        Some(stage) if stage.look.edges[number] & SEEN != 0 => stage.paint_edge(number, ctx),
        Some(_) | None => Vec::new(),
    })
}

impl Stage {
    fn paint_node(&mut self, number: usize, ctx: &Context) -> Vec<Shape> {
        let Self {
            scene,
            live,
            look,
            cards,
            ..
        } = self;
        let card = Rect::from_center_size(scene.centers()[number], theme::CARD);
        let rect = Rect::from_min_max(
            look.projection.to_screen(card.min),
            look.projection.to_screen(card.max),
        );
        let (tone, is_ghost) = scene.ink(number);
        let detail = look.view.detail();
        let mut face = Face {
            mark: live.marks.get(number).copied(),
            is_selected: look.nodes[number] & SELECTED != 0,
            is_hovered: look.nodes[number] & NEAR != 0,
            ..Face::default()
        };
        if is_ghost {
            let rim: f32 = if detail == Detail::Dots { 1.0 } else { 2.0 };
            cards.rect(rect, look.theme.line);
            cards.rect(rect.shrink(rim.min(rect.height() / 3.0)), look.theme.canvas);
            return Vec::new();
        }
        if detail == Detail::Dots {
            card::paint_dot(cards, look.theme, tone, rect, &face);
            return Vec::new();
        }
        let node = &scene.nodes[number];
        if look.mode != Mode::Live && !look.judgement.badges.is_empty() {
            face.badge = look.judgement.badges.get(&node.element()).copied();
        }
        let mut brush = Brush::new(ctx, look.theme);
        if detail == Detail::Chips {
            card::paint_chip(cards, &mut brush, node, rect, &face);
        } else {
            face.detail = live.detail(number, node);
            card::paint(&mut brush, node, rect, &face);
        }
        brush.shapes
    }

    fn paint_edge(&mut self, number: usize, ctx: &Context) -> Vec<Shape> {
        let Self {
            scene,
            live,
            look,
            lines,
            words,
            ..
        } = self;
        let flags = look.edges[number];
        let stress = Stress {
            is_selected: flags & SELECTED != 0,
            is_near: flags & NEAR != 0,
            names_missing: look.mode == Mode::Review,
        };
        let (from, to, _) = scene.ends(number);
        let passes_by = flags & (SELECTED | NEAR) == 0
            && [from, to].iter().all(|it| look.nodes[*it] & SEEN == 0);
        if look.view.detail() == Detail::Cards && !passes_by {
            let mut brush = Brush::new(ctx, look.theme);
            line::paint(&mut brush, (scene, live), number, look.view, stress);
            let shapes = std::mem::take(&mut brush.shapes);
            let how = (look.view, stress);
            line::paint_words(&mut brush, (scene, live), number, how, &mut look.taken);
            words.append(&mut brush.shapes);
            return shapes;
        }
        line::paint_flat(
            lines,
            (scene, live),
            number,
            &look.plain,
            stress.is_selected,
        );
        if look.view.detail() == Detail::Dots {
            return Vec::new();
        }
        let mut brush = Brush::new(ctx, look.theme);
        if look.view.detail() == Detail::Chips
            && let Some(glyph) = live.breaker(number).map(Glyph::of)
            && glyph != Glyph::Closed
        {
            let wire = &scene.edges[number].wire;
            let at = look.view.to_screen(wire.label);
            let looks = (brush.theme, brush.theme.canvas);
            let shapes = glyph.shapes(looks, at, wire.is_upright_there, 0.7);
            brush.shapes.extend(shapes);
        }
        brush.shapes
    }
}
