//! Draws one picture: the ground, the graph, what lies above; or repeats the last.

use std::sync::Arc;

use egui::{Rect, Shape, Ui};

use super::{
    Canvas,
    brush::Brush,
    flat::Flat,
    gesture::Gesture,
    ground::{self, Light},
    hit::Hit,
    idle::Subject,
    label::Taken,
    line::{self, Plain},
    stage::{self, Look, NEAR, SEEN, SELECTED, Stage},
    view::Detail,
};
use crate::{
    model::ElementId,
    ui::{
        state::State,
        theme::{self, Theme},
    },
};

/// So many edges in sight are drawn as straight lines.
const CROWD: usize = 4000;

impl Canvas {
    /// Notes for each card and edge whether it is in sight and selected.
    pub(super) fn flag(&mut self, state: &State) {
        let seen = self.view.visible().expand(16.0 / self.view.zoom);
        let half = theme::CARD / 2.0;
        let reach = Rect::from_min_max(seen.min - half, seen.max + half);
        self.flags.clear();
        let centers = self.scene.centers().iter();
        self.flags
            .extend(centers.map(|it| u8::from(reach.contains(*it))));
        self.edge_flags.clear();
        let bounds = self.scene.edge_bounds().iter().enumerate();
        let has_corners = self.view.detail() != Detail::Dots;
        self.edge_flags.extend(bounds.map(|(number, bounds)| {
            let is_near = seen.intersects(*bounds);
            u8::from(is_near && (!has_corners || self.scene.edges[number].wire.touches(seen)))
        }));
        for element in &state.selection {
            match element {
                ElementId::Service(id) => {
                    let shown = self.scene.node_of(id);
                    self.mark_node(shown.filter(|it| self.scene.nodes[*it].service().is_some()));
                }
                ElementId::Boundary(id) => self.mark_node(self.scene.collapsed_node(id)),
                ElementId::Dependency(id) => {
                    if let Some(edge) = self.scene.edge_of(id) {
                        self.edge_flags[edge] |= SELECTED;
                    }
                }
                ElementId::Route(_) => {}
            }
        }
        match self.hover {
            Some(Hit::Node(node) | Hit::Rim(node)) => self.flags[node] |= NEAR,
            Some(Hit::Edge(edge)) => self.edge_flags[edge] |= NEAR,
            Some(Hit::Header(_) | Hit::Empty(_)) | None => {}
        }
    }

    fn mark_node(&mut self, node: Option<usize>) {
        if let Some(node) = node {
            self.flags[node] |= SELECTED;
            for &edge in &self.scene.nodes[node].edges {
                self.edge_flags[edge] |= NEAR;
            }
        }
    }

    /// Shows what there is to see.
    pub(super) fn show_picture(&mut self, ui: &mut Ui, state: &State) {
        let subject = Subject::new(ui, state, self.view, self.hover, self.picture);
        let mut guard = std::mem::take(&mut self.guard);
        guard.show(ui, subject, |ui| self.draw(ui, state));
        self.guard = guard;
    }

    fn draw(&mut self, ui: &mut Ui, state: &State) {
        let (theme, view) = (Theme::of(ui.ctx()), self.view);
        let painter = ui
            .painter()
            .with_clip_rect(view.rect.intersect(ui.clip_rect()));
        ground::paint_grid(&painter, theme, view);
        let ctx = ui.ctx().clone();
        let mut brush = Brush::new(&ctx, theme);
        let target = match &self.gesture {
            Gesture::Drag(drag) => drag.takes_in(&self.scene),
            Gesture::None | Gesture::Pan | Gesture::Marquee { .. } | Gesture::Connect { .. } => {
                None
            }
        };
        ground::paint_frames(&mut brush, &self.scene, view, |it| Light {
            is_selected: {
                let id = &self.scene.frames[it].id;
                !state.selection.is_empty()
                    && state.selection.contains(&ElementId::Boundary(id.clone()))
            },
            is_target: target == Some(it),
        });
        painter.extend(std::mem::take(&mut brush.shapes));
        // Filled once the graph was walked: what is drawn as one mesh lies below it.
        let slots = [painter.add(Shape::Noop), painter.add(Shape::Noop)];
        let drawn = self.draw_graph(ui, state, theme);
        if let Some(drawn) = drawn {
            painter.set(slots[0], Shape::mesh(drawn.lines.0));
            painter.set(slots[1], Shape::mesh(drawn.cards.0));
            (self.scene, self.live) = (drawn.scene, drawn.live);
            painter.extend(drawn.words);
            (self.flags, self.edge_flags) = (drawn.look.nodes, drawn.look.edges);
        }
        self.paint_overlay(&mut brush);
        painter.extend(brush.shapes);
        self.paint_map(&painter, theme);
    }

    /// What is in sight that words of edges must keep clear of.
    fn taken(&self) -> Taken {
        if self.view.detail() != Detail::Cards {
            return Taken::default();
        }
        let nodes = self.scene.nodes.iter().zip(&self.flags);
        let cards = nodes
            .filter(|(_, flags)| *flags & SEEN != 0)
            .map(|(node, _)| self.view.rect_to_screen(node.rect()));
        let frames = self.scene.frames.iter();
        let names = frames
            .filter(|it| it.rect.intersects(self.view.visible()))
            .flat_map(|it| ground::name_places(it, self.view));
        let edges = self.edge_flags.iter().enumerate();
        let glyphs = edges
            .filter(|(_, flags)| *flags & SEEN != 0)
            .filter_map(|(number, _)| {
                let edge = &self.scene.edges[number];
                line::glyph(edge, &self.live, number)?;
                Some((number, line::glyph_rect(edge, self.view)))
            });
        Taken {
            cards: cards.chain(names).collect(),
            glyphs: glyphs.collect(),
            words: Vec::new(),
        }
    }

    fn draw_graph(&mut self, ui: &mut Ui, state: &State, theme: &'static Theme) -> Option<Stage> {
        self.mirror.follow(&self.scene, &self.flags);
        self.mirror.place(&self.scene);
        let edges_seen = self.edge_flags.iter().filter(|it| *it & SEEN != 0).count();
        let taken = self.taken();
        let all = Stage {
            scene: std::mem::take(&mut self.scene),
            live: std::mem::take(&mut self.live),
            look: Look {
                theme,
                view: self.view,
                mode: state.mode,
                judgement: Arc::clone(&state.judgement),
                nodes: std::mem::take(&mut self.flags),
                edges: std::mem::take(&mut self.edge_flags),
                taken,
                plain: Plain::new(theme, self.view, edges_seen > CROWD),
                projection: self.view.projection(),
            },
            lines: Flat::default(),
            cards: Flat::default(),
            words: Vec::new(),
        };
        let (mirror, rect) = (&mut self.mirror, self.view.rect);
        stage::with(all, || mirror.draw(ui, rect)).0
    }
}
