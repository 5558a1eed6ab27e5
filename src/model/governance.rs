//! Governance: which rules weigh what in this design, and which findings were
//! dismissed by whom, why and until when.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Unknown;

/// How much a finding weighs.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Worth changing.
    Warning,
    /// Will hurt.
    Error,
}

impl Severity {
    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// What a design says about the weight of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SeverityChange {
    /// The rule does not run.
    Off,
    /// Its findings are worth knowing.
    Info,
    /// Its findings are worth changing.
    Warning,
    /// Its findings will hurt.
    Error,
}

/// What a team decided about rules.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Governance {
    /// By a rule's code, or a start of it with `*`: `R*`, `R04`. The longest match wins.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub severities: BTreeMap<String, SeverityChange>,
    /// Findings that were looked at and accepted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dismissals: Vec<Dismissal>,
    /// Keys that this version does not know.
    #[serde(flatten)]
    #[schemars(skip)]
    pub unknown: Unknown,
}

impl Governance {
    /// Whether nothing was decided.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What was decided about a rule: the longest pattern that matches its code.
    pub fn severity_change(&self, code: &str) -> Option<SeverityChange> {
        self.severities
            .iter()
            .filter(|(pattern, _)| match pattern.strip_suffix('*') {
                Some(start) => code.starts_with(start),
                None => code == *pattern,
            })
            .max_by_key(|(pattern, _)| (!pattern.ends_with('*'), pattern.len()))
            .map(|(_, change)| *change)
    }
}

/// A finding that was looked at and accepted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Dismissal {
    /// The rule's code.
    pub rule: String,
    /// The ids of the elements it is about, sorted; none means wherever it appears.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub subjects: Vec<String>,
    /// Who accepted it.
    pub by: String,
    /// Why.
    pub reason: String,
    /// The last day it holds, as `2027-03-31`; empty means for good.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub until: String,
}

#[cfg(test)]
mod tests {
    use super::{Governance, SeverityChange};

    #[test]
    fn the_most_exact_pattern_decides() {
        let governance = Governance {
            severities: [
                ("*".to_owned(), SeverityChange::Info),
                ("R*".to_owned(), SeverityChange::Warning),
                ("R04".to_owned(), SeverityChange::Off),
            ]
            .into(),
            ..Governance::default()
        };
        let change = |code| governance.severity_change(code);
        assert_eq!(change("R04"), Some(SeverityChange::Off));
        assert_eq!(change("R07"), Some(SeverityChange::Warning));
        assert_eq!(change("S01"), Some(SeverityChange::Info));
        assert_eq!(Governance::default().severity_change("S01"), None);
    }
}
