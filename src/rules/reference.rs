//! The reference of all rules, as `meshboard rules` prints it.

use std::fmt::Write as _;

use super::ALL;

/// Every rule with its code, name, weight, words and source, as Markdown.
pub fn reference() -> String {
    let mut text = "# Rules\n".to_owned();
    for rule in ALL {
        // Writing to a string cannot fail.
        write!(
            text,
            "\n## {} {} ({})\n\n{}\n\n{}\n\nSource: {}\n",
            rule.code,
            rule.name,
            rule.severity.label(),
            rule.summary,
            rule.explanation,
            rule.source
        )
        .ok();
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_reference_is_what_the_rules_say() {
        insta::assert_snapshot!(super::reference());
    }
}
