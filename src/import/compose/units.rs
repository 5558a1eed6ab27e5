//! Durations, sizes, processor shares and command lines, as Compose writes them.

/// Nanoseconds of a duration such as `1m30s`, `1.5h` or `2d`.
pub(super) fn nanoseconds(text: &str) -> Option<u64> {
    const UNITS: [(&str, f64); 10] = [
        ("ns", 1.0),
        ("us", 1e3),
        ("µs", 1e3),
        ("μs", 1e3),
        ("ms", 1e6),
        ("s", 1e9),
        ("m", 60e9),
        ("h", 3600e9),
        ("d", 86_400e9),
        ("w", 604_800e9),
    ];
    if text == "0" {
        return Some(0);
    }
    let mut rest = text;
    let mut total = 0.0;
    while !rest.is_empty() {
        let digits = rest
            .find(|it: char| !it.is_ascii_digit() && it != '.')
            .unwrap_or(rest.len());
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let length = rest
            .find(|it: char| it.is_ascii_digit() || it == '.')
            .unwrap_or(rest.len());
        let (_, factor) = UNITS.iter().find(|(name, _)| *name == &rest[..length])?;
        total += number * factor;
        rest = &rest[length..];
    }
    // Compose counts in signed 64-bit nanoseconds, about 292 years.
    (!text.is_empty() && total < 9.2e18).then_some(total.round() as u64)
}

/// Bytes of a size such as `512m`, `1.5gb` or `50MiB`.
pub(super) fn bytes(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = text
        .find(|it: char| !it.is_ascii_digit() && it != '.')
        .unwrap_or(text.len());
    let number: f64 = text[..digits].parse().ok()?;
    let unit = text[digits..].trim_start().to_ascii_lowercase();
    let power = match unit.as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 1,
        "m" | "mb" | "mib" => 2,
        "g" | "gb" | "gib" => 3,
        "t" | "tb" | "tib" => 4,
        "p" | "pb" | "pib" => 5,
        _ => return None,
    };
    let total = number * 1024_f64.powi(power);
    (total < 9.2e18).then_some(total as u64)
}

/// Thousandths of a processor of a share such as `0.5`.
pub(super) fn cpu_millis(text: &str) -> Option<u32> {
    let number: f64 = text.trim().parse().ok()?;
    let millis = (number * 1000.0).round();
    (millis >= 0.0 && millis <= f64::from(u32::MAX)).then_some(millis as u32)
}

/// The words of a command line, quotes and escapes resolved as a shell does; nothing
/// if a quote is not closed.
pub(super) fn words(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            ' ' | '\t' | '\n' | '\r' => words.extend(word.take()),
            '\\' => word.get_or_insert_default().push(characters.next()?),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next()? {
                        '\'' => break,
                        other => word.push(other),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next()? {
                        '"' => break,
                        '\\' => match characters.next()? {
                            escaped @ ('"' | '\\' | '$' | '`') => word.push(escaped),
                            '\n' => {}
                            other => word.extend(['\\', other]),
                        },
                        other => word.push(other),
                    }
                }
            }
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::{bytes, cpu_millis, nanoseconds, words};

    #[test]
    fn durations_add_up_their_parts() {
        assert_eq!(nanoseconds("1m30s"), Some(90_000_000_000));
        assert_eq!(nanoseconds("1.5s"), Some(1_500_000_000));
        assert_eq!(nanoseconds("100ms"), Some(100_000_000));
        assert_eq!(nanoseconds("1d"), Some(86_400_000_000_000));
        assert_eq!(nanoseconds("0"), Some(0));
        for wrong in ["", "5", "5x", "s", "1..5s", "-1s", "99999999w"] {
            assert_eq!(nanoseconds(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn sizes_count_in_powers_of_1024() {
        assert_eq!(bytes("50M"), Some(50 << 20));
        assert_eq!(bytes("1.5gb"), Some(3 << 29));
        assert_eq!(bytes("64 KiB"), Some(64 << 10));
        assert_eq!(bytes("1024"), Some(1024));
        for wrong in ["abc", "", "5x", "-1m"] {
            assert_eq!(bytes(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn processor_shares_become_thousandths() {
        assert_eq!(cpu_millis("0.25"), Some(250));
        assert_eq!(cpu_millis("abc"), None);
        assert_eq!(cpu_millis("-1"), None);
        assert_eq!(cpu_millis("nan"), None);
    }

    #[test]
    fn command_lines_split_like_in_a_shell() {
        let split = |text| words(text).map(|it: Vec<String>| it.join("|"));
        assert_eq!(
            split("echo 'a b'  c\\ d \"e\\\"f\" ''").unwrap(),
            "echo|a b|c d|e\"f|"
        );
        assert_eq!(split(" "), Some(String::new()));
        assert_eq!(split("echo \"a"), None);
        assert_eq!(split("echo \\"), None);
    }
}
