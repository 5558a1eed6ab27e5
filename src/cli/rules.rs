//! `meshboard rules`: the catalogue of rules, or one of them in full.

use std::io::Write;

use serde_json::{Value, json};

use super::{Failure, Format, Verdict};
use crate::rules::{self, Rule};

const AFTER_HELP: &str = "\
JSON: {version, rules:[{code, name, severity, summary, explanation, source}]}";

/// List the rules, or explain one.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Args {
    /// The code or name of the rule to explain, such as R04.
    rule: Option<String>,
    /// How to write the list.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<Verdict, Failure> {
    let chosen: Vec<&Rule> = rules::ALL
        .iter()
        .copied()
        .filter(|rule| args.rule.as_deref().is_none_or(|it| is_called(rule, it)))
        .collect();
    if let (Some(wanted), true) = (&args.rule, chosen.is_empty()) {
        return Err(Failure::new(format!(
            "there is no rule {wanted:?}: `meshboard rules` lists them"
        )));
    }
    match (args.format, &args.rule) {
        (Format::Json, _) => {
            let rules: Vec<_> = chosen.iter().map(|it| described(it)).collect();
            writeln!(out, "{:#}", json!({ "version": 1, "rules": rules }))?;
        }
        (Format::Text, None) => {
            for rule in chosen {
                let severity = rule.severity.label();
                writeln!(out, "{:<4} {severity:<8} {}", rule.code, rule.name)?;
                writeln!(out, "     {}", rule.summary)?;
            }
        }
        (Format::Text, Some(_)) => {
            for rule in chosen {
                writeln!(out, "{} {}", rule.code, rule.name)?;
                writeln!(out, "{}\n", rule.summary)?;
                writeln!(out, "{}\n", rule.explanation)?;
                writeln!(out, "severity: {}", rule.severity.label())?;
                writeln!(out, "source:   {}", rule.source)?;
            }
        }
    }
    Ok(Verdict::Fine)
}

fn is_called(rule: &Rule, text: &str) -> bool {
    rule.code.eq_ignore_ascii_case(text) || rule.name == text
}

fn described(rule: &Rule) -> Value {
    json!({
        "code": rule.code,
        "name": rule.name,
        "severity": rule.severity.label(),
        "summary": rule.summary,
        "explanation": rule.explanation,
        "source": rule.source,
    })
}
