//! Latencies counted in buckets that grow by two percent: percentiles of any stretch of
//! time follow from its minutes, and are right within one percent.
//!
//! The same idea as Masson, Rim and Lee, "DDSketch" (VLDB 2019): the value of bucket
//! *n* is within one percent of everything counted there. In the file:
//!
//! ```text
//! sketch = { step [count] }
//! step   = varint: twice the distance to the bucket before (the first from 0), plus 1
//!          if a count follows; without one it is 1
//! ```

use super::packed::{push_varint, take_varint};

/// Each bucket ends this much further than the one before.
const GROWTH: f64 = 1.02;
/// Where the first bucket ends, in milliseconds.
const LEAST_MS: f64 = 0.01;
/// The last bucket; it begins after half an hour.
const LAST: u32 = 960;

/// How often latencies fell into which bucket.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Sketch {
    /// Bucket and count, sorted by bucket.
    counts: Vec<(u32, u32)>,
}

impl Sketch {
    /// Counts one more latency in milliseconds.
    pub(super) fn add(&mut self, latency_ms: f64) {
        self.count(bucket(latency_ms), 1);
    }

    /// Counts everything that another one has.
    pub(super) fn merge(&mut self, other: &Self) {
        for &(bucket, count) in &other.counts {
            self.count(bucket, count);
        }
    }

    /// Milliseconds within which this share of all answers came; `None` without any.
    pub(super) fn percentile(&self, share: f64) -> Option<f64> {
        let total: u64 = self.counts.iter().map(|it| u64::from(it.1)).sum();
        let rank = ((total as f64 * share).ceil() as u64).max(1);
        let mut seen = 0;
        let found = self.counts.iter().find(|(_, count)| {
            seen += u64::from(*count);
            seen >= rank
        });
        found.map(|(bucket, _)| middle(*bucket))
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.counts.len() * 2);
        let mut before = 0;
        for &(bucket, count) in &self.counts {
            push_varint(&mut bytes, (bucket - before) << 1 | u32::from(count != 1));
            if count != 1 {
                push_varint(&mut bytes, count);
            }
            before = bucket;
        }
        bytes
    }

    /// The other way. What makes no sense ends the list.
    pub(super) fn of_bytes(mut bytes: &[u8]) -> Self {
        let mut counts = Vec::new();
        let mut bucket = 0;
        while let Some(step) = take_varint(&mut bytes) {
            bucket += step >> 1;
            let has_count = step & 1 == 1;
            let count = if has_count {
                take_varint(&mut bytes)
            } else {
                Some(1)
            };
            let is_sorted = counts.last().is_none_or(|(last, _)| *last < bucket);
            let Some(count) = count.filter(|_| bucket <= LAST && is_sorted) else {
                break;
            };
            counts.push((bucket, count));
        }
        Self { counts }
    }

    fn count(&mut self, bucket: u32, more: u32) {
        match self.counts.binary_search_by_key(&bucket, |it| it.0) {
            Ok(at) => {
                let count = &mut self.counts[at].1;
                *count = count.saturating_add(more);
            }
            Err(at) => self.counts.insert(at, (bucket, more)),
        }
    }
}

fn bucket(latency_ms: f64) -> u32 {
    if latency_ms <= LEAST_MS {
        return 0;
    }
    // A cast of a float saturates, and makes 0 of what is no number.
    let bucket = (latency_ms / LEAST_MS).ln() / GROWTH.ln();
    (bucket.ceil() as u32).min(LAST)
}

/// What is within one percent of both ends of a bucket.
fn middle(bucket: u32) -> f64 {
    LEAST_MS * GROWTH.powf(f64::from(bucket)) * 2.0 / (1.0 + GROWTH)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, any, prop, proptest};

    use super::Sketch;

    fn sketch(latencies: impl IntoIterator<Item = f64>) -> Sketch {
        let mut sketch = Sketch::default();
        latencies.into_iter().for_each(|it| sketch.add(it));
        sketch
    }

    fn is_near(found: Option<f64>, wanted: f64) -> bool {
        found.is_some_and(|it| (it - wanted).abs() <= wanted * 0.0101)
    }

    #[test]
    fn percentiles_are_right_within_one_percent() {
        let all = sketch((1..=1000).map(f64::from));
        assert!(is_near(all.percentile(0.50), 500.0), "{all:?}");
        assert!(is_near(all.percentile(0.95), 950.0));
        assert!(is_near(all.percentile(0.99), 990.0));
        assert_eq!(Sketch::default().percentile(0.5), None);
    }

    #[test]
    fn two_halves_together_give_the_percentiles_of_the_whole() {
        let mut all = sketch((1..=500).map(f64::from));
        all.merge(&sketch((501..=1000).map(f64::from)));
        assert_eq!(all, sketch((1..=1000).map(f64::from)));
    }

    #[test]
    fn a_minute_of_usual_latencies_takes_few_bytes() {
        let usual = [4.1, 4.4, 3.9, 4.0, 5.2, 4.4, 4.2, 4.1, 30.0, 4.3, 4.4, 4.0];
        let bytes = sketch(usual).to_bytes();
        assert!(bytes.len() <= 16, "{} bytes", bytes.len());
        assert_eq!(Sketch::of_bytes(&bytes), sketch(usual));
    }

    #[test]
    fn no_latency_is_too_strange_to_count() {
        let strange = sketch([f64::NAN, f64::INFINITY, -1.0, 0.0, 1e12]);
        assert!(strange.percentile(1.0).is_some_and(f64::is_finite));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn no_bytes_end_the_program(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let sketch = Sketch::of_bytes(&bytes);
            assert_eq!(Sketch::of_bytes(&sketch.to_bytes()), sketch);
        }
    }
}
