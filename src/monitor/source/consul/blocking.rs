//! Questions that wait for news: Consul's index and how often to ask.
//!
//! Every answer has an index; asking with it waits until something changes. An index that
//! goes back starts over, since the server's state was restored, and zero would not wait.
//! Where something changes all the time, two questions follow at once and the others one
//! in fifteen seconds, so that churn costs the servers little.

use std::time::Duration;

use tokio::time::Instant;

/// Questions that may follow at once.
const BURST: f64 = 2.0;

/// The time in which one more may follow, if the interval is not shorter.
const REFILL: Duration = Duration::from_secs(15);

/// What is remembered between two questions.
#[derive(Debug, Default)]
pub(super) struct Blocking {
    /// Zero asks for an answer at once.
    index: u64,
    bucket: Option<Bucket>,
}

/// A token for each question that may follow at once.
#[derive(Debug)]
struct Bucket {
    tokens: f64,
    at: Instant,
}

impl Blocking {
    /// Whether the next question can wait for news.
    pub(super) fn is_ready(&self) -> bool {
        self.index > 0
    }

    /// The next question is answered at once.
    pub(super) fn forget(&mut self) {
        self.index = 0;
    }

    /// What the next question asks with; `None` for an answer at once.
    pub(super) fn question(&self, wait: Duration) -> Option<String> {
        let (index, wait) = (self.index, wait.as_millis());
        (index > 0).then(|| format!("index={index}&wait={wait}ms"))
    }

    /// Takes the index of an answer.
    pub(super) fn answered(&mut self, index: Option<&str>) {
        let said: Option<u64> = index.and_then(|it| it.trim().parse().ok());
        self.index = match said {
            None => 0,
            Some(said) if said < self.index => 0,
            Some(said) => said.max(1),
        };
    }

    /// How long to wait before the next question.
    pub(super) fn pause(&self, now: Instant, wait: Duration) -> Duration {
        let Some(bucket) = &self.bucket else {
            return Duration::ZERO;
        };
        let missing = 1.0 - bucket.tokens_at(now, wait);
        wait.min(REFILL).mul_f64(missing.clamp(0.0, 1.0))
    }

    /// Counts a question that was answered before its time was over.
    pub(super) fn take_token(&mut self, now: Instant, wait: Duration) {
        let tokens = self
            .bucket
            .as_ref()
            .map_or(BURST, |it| it.tokens_at(now, wait));
        self.bucket = Some(Bucket {
            tokens: (tokens - 1.0).max(0.0),
            at: now,
        });
    }
}

impl Bucket {
    fn tokens_at(&self, now: Instant, wait: Duration) -> f64 {
        let refill = wait.min(REFILL).as_secs_f64().max(f64::MIN_POSITIVE);
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        (self.tokens + passed / refill).min(BURST)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::Blocking;

    const WAIT: Duration = Duration::from_secs(55);

    #[test]
    fn an_index_that_goes_back_starts_over_and_zero_is_one() {
        let mut blocking = Blocking::default();
        assert_eq!(
            blocking.question(WAIT),
            None,
            "the first is answered at once"
        );
        blocking.answered(Some("7"));
        assert_eq!(
            blocking.question(WAIT).unwrap(),
            "index=7&wait=55000ms",
            "the next waits for news"
        );
        blocking.answered(Some("6"));
        assert!(!blocking.is_ready(), "the server's state was restored");
        blocking.answered(Some("0"));
        assert_eq!(blocking.question(WAIT).unwrap(), "index=1&wait=55000ms");
        blocking.answered(None);
        assert!(!blocking.is_ready(), "without an index nothing can wait");
        blocking.answered(Some("-1"));
        assert!(!blocking.is_ready());
    }

    #[test]
    fn under_churn_two_questions_follow_at_once_and_then_one_in_fifteen_seconds() {
        let mut blocking = Blocking::default();
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(blocking.pause(start, WAIT), Duration::ZERO);
        blocking.take_token(start, WAIT);
        assert_eq!(blocking.pause(start, WAIT), Duration::ZERO);
        blocking.take_token(start, WAIT);
        assert_eq!(blocking.pause(start, WAIT), Duration::from_secs(15));
        assert_eq!(blocking.pause(after(10), WAIT).as_secs(), 5);
        assert_eq!(blocking.pause(after(15), WAIT), Duration::ZERO);
        blocking.take_token(after(15), WAIT);
        assert_eq!(blocking.pause(after(15), WAIT), Duration::from_secs(15));
        assert_eq!(
            blocking.pause(after(600), WAIT),
            Duration::ZERO,
            "calm makes up for it"
        );
    }

    #[test]
    fn who_wants_news_every_second_gets_them_every_second() {
        let mut blocking = Blocking::default();
        let (start, wait) = (Instant::now(), Duration::from_secs(1));
        for _ in 0..3 {
            blocking.take_token(start, wait);
        }
        assert_eq!(blocking.pause(start, wait), wait);
    }
}
