//! The layout that moves nothing. What `egui_graphs` brings places every node anew
//! on the first frame; positions here are the document's.

use egui_graphs::{DisplayEdge, DisplayNode, Graph, Layout, LayoutState};
use petgraph::{EdgeType, graph::IndexType};
use serde::{Deserialize, Serialize};

/// Nothing to remember.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct PinnedState;

impl LayoutState for PinnedState {}

/// Leaves every node where it is.
#[derive(Debug, Default)]
pub(super) struct Pinned;

impl Layout<PinnedState> for Pinned {
    fn from_state(_: PinnedState) -> impl Layout<PinnedState> {
        Self
    }

    fn next<N, E, Ty, Ix, Dn, De>(&mut self, _: &mut Graph<N, E, Ty, Ix, Dn, De>, _: &egui::Ui)
    where
        N: Clone,
        E: Clone,
        Ty: EdgeType,
        Ix: IndexType,
        Dn: DisplayNode<N, E, Ty, Ix>,
        De: DisplayEdge<N, E, Ty, Ix, Dn>,
    {
    }

    fn state(&self) -> PinnedState {
        PinnedState
    }
}
