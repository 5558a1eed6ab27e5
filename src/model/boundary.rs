//! A boundary: a bounded context, the team that owns it, and its public face.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{BoundaryId, Unknown};

/// A bounded context. Its members are the services that name it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Boundary {
    /// Display name; empty means the id.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The team that owns it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub team: String,
    /// Why it exists, in a sentence.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub purpose: String,
    /// Its color on the canvas; absent means by turn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub color: Option<BoundaryColor>,
    /// The boundary that contains this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<BoundaryId>,
    /// The business entities it owns, such as `Order`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub entities: Vec<String>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    #[schemars(skip)]
    pub unknown: Unknown,
}

/// The colors a frame can have; what they look like is the theme's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BoundaryColor {
    Blue,
    Green,
    Orange,
    Violet,
    Teal,
    Pink,
    Yellow,
    Slate,
}

impl BoundaryColor {
    /// In the order in which boundaries without a color take them.
    pub const ALL: [Self; 8] = [
        Self::Blue,
        Self::Green,
        Self::Orange,
        Self::Violet,
        Self::Teal,
        Self::Pink,
        Self::Yellow,
        Self::Slate,
    ];

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Blue => "Blue",
            Self::Green => "Green",
            Self::Orange => "Orange",
            Self::Violet => "Violet",
            Self::Teal => "Teal",
            Self::Pink => "Pink",
            Self::Yellow => "Yellow",
            Self::Slate => "Slate",
        }
    }
}
