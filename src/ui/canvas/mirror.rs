//! The scene as an `egui_graphs` graph. Node and edge numbers are the scene's; they
//! go no further than here.

use egui::{Pos2, Shape, Vec2};
use egui_graphs::{
    DisplayEdge, DisplayNode, DrawContext, EdgeProps, Graph, GraphView, Node, NodeProps,
    SettingsInteraction, SettingsNavigation,
};
use petgraph::{
    Directed,
    stable_graph::{DefaultIx, EdgeIndex, NodeIndex},
};

use super::{
    pinned::{Pinned, PinnedState},
    scene::Scene,
    stage::{self, SELECTED},
};
use crate::ui::theme;

/// Marks the view's memory in the window's toolkit.
const VIEW_ID: &str = "meshboard canvas";

/// Draws the card with this number.
#[derive(Debug, Clone)]
pub(super) struct CardDisplay {
    number: u32,
    center: Pos2,
}

impl From<NodeProps<u32>> for CardDisplay {
    fn from(props: NodeProps<u32>) -> Self {
        Self {
            number: props.payload,
            center: props.location(),
        }
    }
}

impl DisplayNode<u32, u32, Directed, DefaultIx> for CardDisplay {
    fn closest_boundary_point(&self, _: Vec2) -> Pos2 {
        // Edges bring their own ends.
        self.center
    }

    fn shapes(&mut self, context: &DrawContext<'_>) -> Vec<Shape> {
        stage::node_shapes(self.number as usize, context.ctx)
    }

    fn update(&mut self, props: &NodeProps<u32>) {
        self.center = props.location();
    }

    fn is_inside(&self, pos: Pos2) -> bool {
        egui::Rect::from_center_size(self.center, theme::CARD).contains(pos)
    }
}

/// Draws the edge with this number.
#[derive(Debug, Clone)]
pub(super) struct LineDisplay {
    number: u32,
}

impl From<EdgeProps<u32>> for LineDisplay {
    fn from(props: EdgeProps<u32>) -> Self {
        Self {
            number: props.payload,
        }
    }
}

impl DisplayEdge<u32, u32, Directed, DefaultIx, CardDisplay> for LineDisplay {
    fn shapes(
        &mut self,
        _: &Node<u32, u32, Directed, DefaultIx, CardDisplay>,
        _: &Node<u32, u32, Directed, DefaultIx, CardDisplay>,
        context: &DrawContext<'_>,
    ) -> Vec<Shape> {
        stage::edge_shapes(self.number as usize, context.ctx)
    }

    fn update(&mut self, _: &EdgeProps<u32>) {}

    fn is_inside(
        &self,
        _: &Node<u32, u32, Directed, DefaultIx, CardDisplay>,
        _: &Node<u32, u32, Directed, DefaultIx, CardDisplay>,
        _: Pos2,
    ) -> bool {
        // Found by the scene, whose tolerance is in window points.
        false
    }
}

type CardGraph = Graph<u32, u32, Directed, DefaultIx, CardDisplay, LineDisplay>;

/// The graph and what it was made from.
#[derive(Debug, Default)]
pub(super) struct Mirror {
    graph: CardGraph,
    structure: u64,
    moves: u64,
    selected: Vec<usize>,
}

impl Mirror {
    /// Brings the graph up to date. What is selected is drawn on top.
    pub(super) fn follow(&mut self, scene: &Scene, flags: &[u8]) {
        if self.structure == scene.structure {
            for number in self.selected.drain(..) {
                if let Some(node) = self.graph.node_mut(NodeIndex::new(number)) {
                    node.set_selected(false);
                }
            }
        } else {
            self.rebuild(scene);
        }
        for (number, flags) in flags.iter().enumerate() {
            if flags & SELECTED != 0
                && let Some(node) = self.graph.node_mut(NodeIndex::new(number))
            {
                node.set_selected(true);
                self.selected.push(number);
            }
        }
    }

    fn rebuild(&mut self, scene: &Scene) {
        self.structure = scene.structure;
        self.selected.clear();
        self.graph = CardGraph::new();
        for (number, node) in scene.nodes.iter().enumerate() {
            let payload = number as u32;
            self.graph
                .add_node_custom(payload, |it| it.set_location(node.center));
        }
        for (number, edge) in scene.edges.iter().enumerate() {
            let (from, to) = (NodeIndex::new(edge.from), NodeIndex::new(edge.to));
            let payload = number as u32;
            let index: EdgeIndex = self.graph.add_edge_custom(from, to, payload, |_| {});
            debug_assert_eq!(
                index.index(),
                number,
                "edges are added in the scene's order"
            );
        }
    }

    /// Tells the graph where cards are.
    pub(super) fn place(&mut self, scene: &Scene) {
        if self.moves == scene.moves {
            return;
        }
        self.moves = scene.moves;
        for (number, node) in scene.nodes.iter().enumerate() {
            if let Some(mirrored) = self.graph.node_mut(NodeIndex::new(number))
                && mirrored.location() != node.center
            {
                mirrored.set_location(node.center);
            }
        }
    }

    /// Draws everything. All gestures and the camera are ours, so the view gets none:
    /// its child is disabled, lest it take the pointer or the keyboard's focus.
    pub(super) fn draw(&mut self, ui: &mut egui::Ui, rect: egui::Rect) {
        let builder = egui::UiBuilder::new().max_rect(rect).id_salt(VIEW_ID);
        let mut child = ui.new_child(builder);
        child.visuals_mut().disabled_alpha = 1.0;
        child.disable();
        GraphView::<PinnedState, Pinned>::new()
            .with_id(Some(VIEW_ID.to_owned()))
            .with_navigations(
                &SettingsNavigation::new()
                    .with_fit_to_screen_enabled(false)
                    .with_zoom_and_pan_enabled(false),
            )
            .with_interactions(&SettingsInteraction::new())
            .show(&mut child, &mut self.graph);
    }
}
