//! Texts of a design as Compose takes them.

/// A text that Compose does not interpolate.
pub(super) fn literal(text: &str) -> String {
    text.replace('$', "$$")
}

/// Whether an environment variable can have this name.
pub(super) fn is_variable_name(name: &str) -> bool {
    let mut characters = name.chars();
    characters
        .next()
        .is_some_and(|it| it.is_ascii_alphabetic() || it == '_')
        && characters.all(|it| it.is_ascii_alphanumeric() || "_.-".contains(it))
}

/// Whether a volume can have this name.
pub(super) fn is_volume_name(name: &str) -> bool {
    name.starts_with(|it: char| it.is_ascii_alphanumeric())
        && name
            .chars()
            .all(|it| it.is_ascii_alphanumeric() || "_.-".contains(it))
}

/// Thousandths of a processor as Compose writes them: `0.50`.
pub(super) fn processors(millis: u32) -> String {
    let text = format!("{}.{:03}", millis / 1000, millis % 1000);
    match text.strip_suffix('0') {
        Some(shorter) => shorter.to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::processors;

    #[test]
    fn thousandths_keep_their_value() {
        assert_eq!(processors(500), "0.50");
        assert_eq!(processors(1250), "1.25");
        assert_eq!(processors(7), "0.007");
        assert_eq!(processors(2000), "2.00");
    }
}
