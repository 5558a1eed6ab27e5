//! Numbers and lists as people say them, the same in every finding and panel.

/// How many names a sentence lists before it counts the rest.
const NAMES_IN_A_SENTENCE: usize = 6;
/// From here on milliseconds read better as seconds.
const SECONDS_FROM_MS: u64 = 100;
/// From here on nobody wants to know how often exactly.
const COUNTLESS: u64 = 1_000_000;

/// Milliseconds as people say them: `50 ms`, `0.4 s`, `3.4 s`.
pub fn duration(milliseconds: u64) -> String {
    if milliseconds < SECONDS_FROM_MS {
        return format!("{milliseconds} ms");
    }
    let (seconds, rest) = (milliseconds / 1000, milliseconds % 1000);
    if rest == 0 {
        return format!("{seconds} s");
    }
    let rest = format!("{rest:03}");
    format!("{seconds}.{} s", rest.trim_end_matches('0'))
}

/// `once`, `64 times`, `over a million times`.
pub fn times(count: u64) -> String {
    match count {
        1 => "once".to_owned(),
        2..=COUNTLESS => format!("{count} times"),
        _ => "over a million times".to_owned(),
    }
}

/// `1 service`, `3 services`.
pub fn counted(count: usize, one: &str) -> String {
    if count == 1 {
        format!("1 {one}")
    } else if let Some(stem) = one.strip_suffix('y') {
        format!("{count} {stem}ies")
    } else {
        format!("{count} {one}s")
    }
}

/// `a`, `a and b`, `a, b and c`; a long list ends in `and 12 more`.
pub fn list<Name: AsRef<str>>(names: &[Name]) -> String {
    match names {
        [] => String::new(),
        [only] => only.as_ref().to_owned(),
        _ if names.len() > NAMES_IN_A_SENTENCE => {
            let (shown, rest) = names.split_at(NAMES_IN_A_SENTENCE - 1);
            format!("{} and {} more", joined(shown, ", "), rest.len())
        }
        [start @ .., last] => format!("{} and {}", joined(start, ", "), last.as_ref()),
    }
}

/// `a → b → c`; a long path leaves out its middle.
pub fn path<Name: AsRef<str>>(names: &[Name]) -> String {
    if names.len() <= NAMES_IN_A_SENTENCE + 2 {
        return joined(names, " → ");
    }
    let head = joined(&names[..NAMES_IN_A_SENTENCE], " → ");
    format!("{head} → … → {}", names[names.len() - 1].as_ref())
}

fn joined<Name: AsRef<str>>(names: &[Name], separator: &str) -> String {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    names.join(separator)
}

#[cfg(test)]
mod tests {
    use super::{counted, duration, list, path, times};

    #[test]
    fn durations_have_a_unit_and_no_idle_digits() {
        let all = [0, 99, 100, 400, 1000, 3400, 1050, 90_000].map(duration);
        assert_eq!(
            all,
            [
                "0 ms", "99 ms", "0.1 s", "0.4 s", "1 s", "3.4 s", "1.05 s", "90 s"
            ]
        );
    }

    #[test]
    fn counts_and_lists_read_as_sentences() {
        assert_eq!(times(1), "once");
        assert_eq!(times(u64::MAX), "over a million times");
        assert_eq!(counted(1, "entry"), "1 entry");
        assert_eq!(counted(2, "entry"), "2 entries");
        assert_eq!(list(&["a"]), "a");
        assert_eq!(list(&["a", "b", "c"]), "a, b and c");
        assert_eq!(
            list(&["a", "b", "c", "d", "e", "f", "g"]),
            "a, b, c, d, e and 2 more"
        );
    }

    #[test]
    fn a_long_path_leaves_out_its_middle() {
        let names: Vec<String> = (0..20).map(|it| it.to_string()).collect();
        assert_eq!(path(&names), "0 → 1 → 2 → 3 → 4 → 5 → … → 19");
        assert_eq!(path(&names[..3]), "0 → 1 → 2");
    }
}
