//! The languages that are colored, as much of each as it takes.

use super::extension;

/// What a line may begin with that names something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keys {
    /// Nothing.
    None,
    /// `key:`
    Colon,
    /// `key =`
    Equals,
    /// The first word of every line.
    Directive,
}

/// As much of a language as is colored.
#[derive(Debug)]
pub(super) struct Language {
    pub(super) comments: &'static [&'static str],
    pub(super) keys: Keys,
    /// Words of the language itself, sorted.
    pub(super) words: &'static [&'static str],
    /// Whether `'` quotes a text wherever it stands.
    pub(super) has_quoted_texts: bool,
    /// Whether a text can stand between backticks.
    pub(super) has_raw_texts: bool,
}

const fn language_of(
    comments: &'static [&'static str],
    keys: Keys,
    words: &'static [&'static str],
) -> Language {
    Language {
        comments,
        keys,
        words,
        has_quoted_texts: false,
        has_raw_texts: false,
    }
}

static PLAIN: Language = language_of(&["#"], Keys::None, &[]);
static YAML: Language = language_of(&["#"], Keys::Colon, &["false", "null", "true"]);
static JSON: Language = language_of(&[], Keys::Colon, &["false", "null", "true"]);
static SETTINGS: Language = language_of(&["#", ";"], Keys::Equals, &["false", "true"]);
static DIRECTIVES: Language = language_of(&["#"], Keys::Directive, &[]);
static HCL: Language = language_of(&["#", "//"], Keys::Directive, &["false", "null", "true"]);
static MARKDOWN: Language = language_of(&["<!--", "# ", "## ", "### "], Keys::None, &[]);
static PYTHON: Language = Language {
    has_quoted_texts: true,
    ..language_of(
        &["#"],
        Keys::None,
        &[
            "False", "None", "True", "and", "as", "async", "await", "class", "def", "elif", "else",
            "except", "finally", "for", "from", "if", "import", "in", "is", "lambda", "not", "or",
            "pass", "raise", "return", "try", "while", "with", "yield",
        ],
    )
};
static SCRIPT: Language = Language {
    has_quoted_texts: true,
    has_raw_texts: true,
    ..language_of(
        &["//", "/*", "* "],
        Keys::None,
        &[
            "async",
            "await",
            "break",
            "case",
            "catch",
            "class",
            "const",
            "else",
            "export",
            "extends",
            "false",
            "finally",
            "for",
            "from",
            "function",
            "if",
            "import",
            "let",
            "new",
            "null",
            "return",
            "static",
            "switch",
            "this",
            "throw",
            "true",
            "try",
            "typeof",
            "undefined",
            "while",
        ],
    )
};
static GO: Language = Language {
    has_raw_texts: true,
    ..language_of(
        &["//", "/*"],
        Keys::None,
        &[
            "break",
            "case",
            "chan",
            "const",
            "continue",
            "default",
            "defer",
            "else",
            "false",
            "for",
            "func",
            "go",
            "if",
            "import",
            "interface",
            "map",
            "nil",
            "package",
            "range",
            "return",
            "select",
            "struct",
            "switch",
            "true",
            "type",
            "var",
        ],
    )
};
static RUST: Language = language_of(
    &["//", "/*"],
    Keys::None,
    &[
        "as", "async", "await", "break", "const", "continue", "else", "enum", "false", "fn", "for",
        "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref", "return",
        "self", "static", "struct", "trait", "true", "type", "use", "where", "while",
    ],
);
static JAVA: Language = language_of(
    &["//", "/*", "* "],
    Keys::None,
    &[
        "boolean",
        "catch",
        "class",
        "else",
        "extends",
        "false",
        "final",
        "finally",
        "for",
        "if",
        "implements",
        "import",
        "int",
        "interface",
        "long",
        "new",
        "null",
        "package",
        "private",
        "protected",
        "public",
        "record",
        "return",
        "static",
        "this",
        "throw",
        "throws",
        "true",
        "try",
        "var",
        "void",
        "while",
    ],
);

/// The language of a file, by its name.
pub(super) fn of(path: &str) -> &'static Language {
    let name = path.rsplit('/').next().unwrap_or(path);
    match extension(path) {
        "yaml" | "yml" => &YAML,
        "json" => &JSON,
        "toml" | "ini" | "properties" => &SETTINGS,
        "conf" | "cfg" => &DIRECTIVES,
        "hcl" | "tf" => &HCL,
        "md" => &MARKDOWN,
        "py" => &PYTHON,
        "js" | "mjs" | "cjs" | "ts" => &SCRIPT,
        "go" => &GO,
        "rs" => &RUST,
        "java" => &JAVA,
        _ if name.starts_with(".env") => &SETTINGS,
        _ if name.contains("Dockerfile") || name == "Caddyfile" => &DIRECTIVES,
        _ => &PLAIN,
    }
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn words_are_sorted_so_that_they_are_found() {
        for path in [
            "a.go", "a.tf", "a.java", "a.json", "a.py", "a.rs", "a.js", "a.toml", "a.yml",
        ] {
            let words = of(path).words;
            assert!(!words.is_empty() && words.is_sorted(), "{path}: {words:?}");
        }
    }
}
