//! `meshboard check`: what is wrong with a design.

use std::{io::Write, path::PathBuf};

use clap::ValueEnum;
use serde_json::{Value, json};

use super::{Failure, Verdict, sarif};
use crate::{
    model::{ElementId, Model, Severity},
    project,
    rules::{self, Finding},
};

const AFTER_HELP: &str = "\
Exits with 1 if there is an error, or what --deny names.
JSON: {version, findings:[{code, name, severity, subjects:[id…], message, fixes:[label…]}],
       counts:{error, warning, info}}; the worst finding first. SARIF is version 2.1.0.";

/// Judge a design: say what is wrong with it.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Args {
    /// The project.
    file: PathBuf,
    /// How to write the findings.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Exit with 1 from this severity on.
    #[arg(long, value_enum, default_value_t = Deny::Error, value_name = "SEVERITY")]
    deny: Deny,
    /// Only rules whose code matches, such as R04 or R*; can be repeated.
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    only: Vec<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
    /// For code hosts and editors.
    Sarif,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Deny {
    /// What will hurt.
    Error,
    /// What is worth changing, too.
    Warning,
    /// Everything.
    Info,
}

impl Deny {
    fn severity(self) -> Severity {
        match self {
            Self::Error => Severity::Error,
            Self::Warning => Severity::Warning,
            Self::Info => Severity::Info,
        }
    }
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<Verdict, Failure> {
    for pattern in &args.only {
        if !rules::ALL.iter().any(|it| matches(pattern, it.code)) {
            return Err(Failure::new(format!(
                "--only {pattern} matches no rule: `meshboard rules` lists their codes"
            )));
        }
    }
    let project = project::open(&args.file)?.project;
    let today = jiff::Zoned::now().date().to_string();
    let mut findings = rules::check(&project.model, &today);
    findings.retain(|finding| {
        let code = finding.rule.code;
        args.only.is_empty() || args.only.iter().any(|it| matches(it, code))
    });
    match args.format {
        Format::Text => write_text(&project.model, &findings, out)?,
        Format::Json => writeln!(out, "{:#}", as_json(&findings))?,
        Format::Sarif => {
            let log = sarif::log(&project.model, &findings, &args.file);
            writeln!(out, "{log:#}")?;
        }
    }
    let is_denied = findings
        .iter()
        .any(|it| it.severity >= args.deny.severity());
    Ok(if is_denied {
        Verdict::Found
    } else {
        Verdict::Fine
    })
}

/// Whether a code is the pattern, or starts with what stands before its `*`.
fn matches(pattern: &str, code: &str) -> bool {
    let pattern = pattern.to_ascii_uppercase();
    match pattern.strip_suffix('*') {
        Some(start) => code.starts_with(start),
        None => code == pattern,
    }
}

fn write_text(model: &Model, findings: &[Finding], out: &mut dyn Write) -> Result<(), Failure> {
    for finding in findings {
        let severity = finding.severity.label();
        let code = finding.rule.code;
        writeln!(out, "{severity:<8} {code:<4} {}", finding.message)?;
        let subjects: Vec<_> = finding
            .subjects
            .iter()
            .map(|it| format!("{} {}", it.kind(), model.element_name(it)))
            .collect();
        if !subjects.is_empty() {
            writeln!(out, "              at {}", subjects.join(", "))?;
        }
        for fix in &finding.fixes {
            writeln!(out, "              fix: {}", fix.label)?;
        }
    }
    let many = |severity, one: &str| {
        let count = count(findings, severity);
        format!("{count} {one}{}", if count == 1 { "" } else { "s" })
    };
    writeln!(
        out,
        "{}, {}, {} info",
        many(Severity::Error, "error"),
        many(Severity::Warning, "warning"),
        count(findings, Severity::Info)
    )?;
    Ok(())
}

fn count(findings: &[Finding], severity: Severity) -> usize {
    findings.iter().filter(|it| it.severity == severity).count()
}

fn as_json(findings: &[Finding]) -> Value {
    let listed: Vec<_> = findings
        .iter()
        .map(|finding| {
            let subjects: Vec<_> = finding.subjects.iter().map(ElementId::as_str).collect();
            let fixes: Vec<_> = finding.fixes.iter().map(|it| &it.label).collect();
            json!({
                "code": finding.rule.code,
                "name": finding.rule.name,
                "severity": finding.severity.label(),
                "subjects": subjects,
                "message": finding.message,
                "fixes": fixes,
            })
        })
        .collect();
    json!({
        "version": 1,
        "findings": listed,
        "counts": {
            "error": count(findings, Severity::Error),
            "warning": count(findings, Severity::Warning),
            "info": count(findings, Severity::Info),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_matches_every_code_that_starts_so() {
        assert!(matches("R*", "R04"));
        assert!(matches("r04", "R04"));
        assert!(matches("*", "S01"));
        assert!(!matches("R*", "S01"));
        assert!(!matches("R0", "R04"));
    }
}
