//! What the team decided about rules: severities it changed, findings it accepted.

use super::markdown;
use crate::model::Model;

/// The decisions; empty where there are none.
pub(super) fn text(model: &Model) -> String {
    let mut text = String::new();
    let dismissals: Vec<Vec<String>> = model
        .governance
        .dismissals
        .iter()
        .map(|it| {
            vec![
                format!("{} is accepted", markdown::text(&it.rule)),
                it.subjects
                    .iter()
                    .map(|it| markdown::text(it))
                    .collect::<Vec<_>>()
                    .join(", "),
                markdown::text(&it.reason),
                markdown::text(&it.by),
                markdown::text(&it.until),
            ]
        })
        .collect();
    if !dismissals.is_empty() {
        let heads = ["decision", "where", "why", "who", "until"];
        text.push_str(&markdown::table(&heads, &dismissals));
    }
    let severities: Vec<Vec<String>> = model
        .governance
        .severities
        .iter()
        .map(|(code, it)| {
            let change = serde_json::to_value(it).unwrap_or_default();
            let change = change.as_str().unwrap_or_default().to_owned();
            vec![markdown::text(code), change]
        })
        .collect();
    if !severities.is_empty() {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&markdown::table(&["rule", "weighs"], &severities));
    }
    text
}
