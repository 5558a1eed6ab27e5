//! How a design is drawn: what a person arranged, and nothing a program decides.

use std::collections::{BTreeMap, BTreeSet};

use imbl::OrdMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{BoundaryId, ServiceId, Unknown};

/// The center of a card on the canvas, in points.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Position {
    /// To the right.
    pub x: i32,
    /// Down.
    pub y: i32,
}

impl Position {
    /// The position at these coordinates.
    pub fn new(x: i32, y: i32) -> Self {
        Self { x, y }
    }
}

/// What part of the canvas was last seen.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Camera {
    /// The canvas point in the middle of the window, in points.
    pub center: Position,
    /// Window points for one canvas point, in percent.
    pub zoom_percent: u32,
}

/// What a person arranged.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct View {
    /// What part of the canvas was last seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub camera: Option<Camera>,
    /// Boundaries drawn as one card.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    #[schemars(with = "BTreeSet<String>")]
    pub collapsed: BTreeSet<BoundaryId>,
    /// Whether cards are locked against nudges.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub locked: bool,
    /// Where boundaries without members are.
    #[serde(skip_serializing_if = "OrdMap::is_empty")]
    #[schemars(with = "BTreeMap<String, Position>")]
    pub empty_boundaries: OrdMap<BoundaryId, Position>,
    /// Where services are.
    #[serde(skip_serializing_if = "OrdMap::is_empty")]
    #[schemars(with = "BTreeMap<String, Position>")]
    pub positions: OrdMap<ServiceId, Position>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    #[schemars(skip)]
    pub unknown: Unknown,
}
