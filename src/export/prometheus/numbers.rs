//! Numbers as expressions take them.

/// Without an exponent, and without the noise of binary fractions.
pub(super) fn decimal(value: f64) -> String {
    let text = format!("{value:.9}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    text.to_owned()
}

/// Milliseconds as seconds.
pub(super) fn seconds(ms: u64) -> String {
    let text = format!("{}.{:03}", ms / 1000, ms % 1000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::{decimal, seconds};

    #[test]
    fn numbers_are_what_people_would_write() {
        assert_eq!(decimal((100.0 - 99.83) / 100.0), "0.0017");
        assert_eq!(decimal(0.0), "0");
        assert_eq!(decimal(10.0), "10");
        assert_eq!(seconds(733), "0.733");
        assert_eq!(seconds(30_000), "30");
    }
}
