//! Numbers and times as people say them.

use jiff::Timestamp;

use crate::monitor::{Circuit, Health, Reach};

/// `120 ms`, `3.4 s`, `2 min`.
pub(in crate::ui) fn duration_ms(millis: u64) -> String {
    match millis {
        0..1_000 => format!("{millis} ms"),
        1_000..120_000 if millis.is_multiple_of(1_000) => format!("{} s", millis / 1_000),
        1_000..120_000 => format!("{} s", trimmed(millis as f64 / 1_000.0, 1)),
        _ => format!("{} min", trimmed(millis as f64 / 60_000.0, 1)),
    }
}

/// `team checkout`, however the design puts it; who has an article of its own, such as
/// `the bank`, is no team.
pub(in crate::ui) fn team(name: &str) -> String {
    if name.starts_with("the ") {
        return name.to_owned();
    }
    let name = name.strip_prefix("team ").unwrap_or(name);
    format!("team {name}")
}

/// A number without zeros that say nothing.
pub(in crate::ui) fn trimmed(number: f64, places: usize) -> String {
    let text = format!("{number:.places$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// `0 /s`, `0.2 /s`, `12 /s`, `1.4k /s`.
pub(in crate::ui) fn per_second(rate: f64) -> String {
    match rate {
        0.0 => "0 /s".to_owned(),
        ..0.05 => "< 0.1 /s".to_owned(),
        ..10.0 => format!("{} /s", trimmed(rate, 1)),
        ..1000.0 => format!("{rate:.0} /s"),
        _ => format!("{}k /s", trimmed(rate / 1000.0, 1)),
    }
}

/// `14 s`, `3 min`, `2 h`, `5 d`: how long ago something was.
pub(in crate::ui) fn age(since: Timestamp, now: Timestamp) -> String {
    let seconds = now.as_second().saturating_sub(since.as_second()).max(0);
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..86_400 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// `14:02:11`, where the clock hangs.
pub(in crate::ui) fn clock(at: Timestamp) -> String {
    at.to_zoned(jiff::tz::TimeZone::system())
        .strftime("%H:%M:%S")
        .to_string()
}

/// `14:02:11`, and the day if it is another one: `Nov 22, 14:02:11`.
pub(in crate::ui) fn clock_on(at: Timestamp, now: Timestamp) -> String {
    let zone = jiff::tz::TimeZone::system();
    let (at, now) = (at.to_zoned(zone.clone()), now.to_zoned(zone));
    let is_same_day = at.date() == now.date();
    let format = if is_same_day {
        "%H:%M:%S"
    } else {
        "%b %-d, %H:%M:%S"
    };
    at.strftime(format).to_string()
}

/// A mark of an axis that is so many seconds long: `14:02`, or `Nov 22`.
pub(in crate::ui) fn day_or_clock(at: Timestamp, seconds: f64) -> String {
    let at = at.to_zoned(jiff::tz::TimeZone::system());
    let is_midnight = at.hour() == 0 && at.minute() == 0 && at.second() == 0;
    let format = match seconds {
        ..600.0 => "%H:%M:%S",
        ..100_000.0 if !is_midnight => "%H:%M",
        _ if is_midnight => "%b %-d",
        _ => "%b %-d, %H:%M",
    };
    at.strftime(format).to_string()
}

/// `1 service`, `2 services`.
pub(in crate::ui) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// What people call a health.
pub(in crate::ui) fn health(health: Health) -> &'static str {
    match health {
        Health::Unknown => "Unknown",
        Health::Up => "Up",
        Health::Degraded => "Degraded",
        Health::Down => "Down",
        Health::OutOfService => "Out of service",
        Health::Starting => "Starting",
    }
}

/// What people call why no answer came.
pub(in crate::ui) fn reach(reach: Reach) -> &'static str {
    match reach {
        Reach::Ok => "answers",
        Reach::NameUnknown => "name unknown",
        Reach::Refused => "connection refused",
        Reach::TimedOut => "no answer in time",
        Reach::TlsFailed => "TLS failed",
        Reach::Reset => "connection broken off",
        Reach::AuthDenied => "not allowed to ask",
        Reach::NotFound => "nothing at this path",
        Reach::TooLarge => "answer too long",
        Reach::Unparseable => "answer makes no sense",
        Reach::Blocked => "blocked address",
    }
}

/// What people call a breaker's state.
pub(in crate::ui) fn circuit(circuit: Circuit) -> String {
    match circuit {
        Circuit::Unknown => "Unknown".to_owned(),
        Circuit::Closed => "Closed".to_owned(),
        Circuit::Open => "Open".to_owned(),
        Circuit::HalfOpen => "Half-open".to_owned(),
        Circuit::ForcedOpen => "Forced open".to_owned(),
        Circuit::Disabled => "Disabled".to_owned(),
        Circuit::MetricsOnly => "Counts only".to_owned(),
        Circuit::NotClosed => "Not closed".to_owned(),
        Circuit::Ejected { count, of } => format!("{count} of {of} ejected"),
        Circuit::Overflow => "Overflow".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::{age, duration_ms, team, trimmed};

    #[test]
    fn durations_read_as_people_say_them() {
        assert_eq!(duration_ms(0), "0 ms");
        assert_eq!(duration_ms(999), "999 ms");
        assert_eq!(duration_ms(2_000), "2 s");
        assert_eq!(duration_ms(3_400), "3.4 s");
        assert_eq!(duration_ms(150_000), "2.5 min");
        assert_eq!(trimmed(99.310, 2), "99.31");
        assert_eq!(trimmed(50.0, 1), "50");
    }

    #[test]
    fn an_owner_is_called_a_team_unless_it_has_an_article() {
        assert_eq!(team("checkout"), "team checkout");
        assert_eq!(team("team checkout"), "team checkout");
        assert_eq!(team("the bank"), "the bank");
    }

    #[test]
    fn an_age_is_never_negative() {
        let at = |second| Timestamp::from_second(second).unwrap();
        assert_eq!(age(at(100), at(90)), "0 s");
        assert_eq!(age(at(0), at(3_700)), "1 h");
    }
}
