//! `/livez?verbose` and its kin as the Kubernetes API server writes them; many Go
//! programs do the same. A failure is always verbose and comes with HTTP 500.

use super::{
    CheckReading, Format, Input,
    reading::Body,
    words::{display_text, push_check},
};
use crate::monitor::Health;

pub(super) const FORMAT: Format = Format {
    id: "kubernetes",
    title: "Kubernetes checks",
    looks_like: "lines [+]name ok and [-]name failed, or ok alone",
    tested_against: "recorded answers in kubernetes/apiserver's own tests",
    read,
};

fn read(input: &Input<'_>) -> Option<Body> {
    let text = input.text.trim();
    if text == "ok" {
        return Some(Body::of_word("ok"));
    }
    let mut checks = Vec::new();
    let mut failed = 0_usize;
    let mut verdict = None;
    for line in text.lines().map(str::trim).filter(|it| !it.is_empty()) {
        if let Some(rest) = line.strip_prefix("[+]") {
            let name = rest.rsplit_once(' ').map_or(rest, |(name, _)| name);
            push_check(&mut checks, CheckReading::new(name, "ok"));
        } else if let Some(rest) = line.strip_prefix("[-]") {
            let name = rest.split_once(" failed").map_or(rest, |(name, _)| name);
            push_check(&mut checks, CheckReading::new(name, "fail"));
            failed += 1;
        } else if line.ends_with(" check passed") || line.ends_with(" check failed") {
            verdict = Some(line);
        } else if checks.is_empty() {
            return None;
        }
    }
    if checks.is_empty() {
        return None;
    }
    let is_down = failed > 0 || verdict.is_some_and(|it| it.ends_with("failed"));
    Some(Body {
        health: Some(if is_down { Health::Down } else { Health::Up }),
        raw: verdict.map_or_else(|| format!("{failed} checks failed"), display_text),
        checks,
        ..Body::default()
    })
}
