//! Findings as SARIF 2.1.0, which code hosts and editors show at the file.

use std::path::Path;

use serde_json::{Value, json};

use crate::{
    model::{Model, Severity},
    rules::{Finding, Rule},
};

/// The log of one run over one project file.
pub(super) fn log(model: &Model, findings: &[Finding], file: &Path) -> Value {
    let mut rules: Vec<&Rule> = findings.iter().map(|it| it.rule).collect();
    rules.sort_by_key(|it| it.code);
    rules.dedup_by_key(|it| it.code);
    let uri = file.to_string_lossy().replace('\\', "/");
    let results: Vec<_> = findings
        .iter()
        .map(|it| result(model, it, &rules, &uri))
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {
                "driver": {
                    "name": "Meshboard",
                    "semanticVersion": env!("CARGO_PKG_VERSION"),
                    "rules": rules.iter().map(|it| described(it)).collect::<Vec<_>>(),
                },
            },
            "results": results,
        }],
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn described(rule: &Rule) -> Value {
    json!({
        "id": rule.code,
        "name": rule.name,
        "shortDescription": { "text": rule.summary },
        "fullDescription": { "text": rule.explanation },
        "defaultConfiguration": { "level": level(rule.severity) },
    })
}

fn result(model: &Model, finding: &Finding, rules: &[&Rule], uri: &str) -> Value {
    let index = rules.iter().position(|it| it.code == finding.rule.code);
    let subjects: Vec<_> = finding
        .subjects
        .iter()
        .map(|it| {
            json!({
                "name": model.element_name(it),
                "fullyQualifiedName": it.as_str(),
                "kind": it.kind(),
            })
        })
        .collect();
    json!({
        "ruleId": finding.rule.code,
        "ruleIndex": index,
        "level": level(finding.severity),
        "message": { "text": finding.message },
        "locations": [{
            "physicalLocation": { "artifactLocation": { "uri": uri } },
            "logicalLocations": subjects,
        }],
    })
}
