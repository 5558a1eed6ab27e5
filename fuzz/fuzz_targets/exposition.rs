//! Any bytes, read as a metrics page: never fails, reads no more samples than there are
//! lines, and what stands before a cut is read the same.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../src/monitor/exposition/mod.rs"]
#[allow(dead_code, reason = "only its reader is fuzzed")]
mod exposition;

use exposition::{MAX_LABEL_BYTES, Page, Sample, is_metrics_page};

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    is_metrics_page(&text);
    let mut page = Page::new(&text);
    let samples: Vec<_> = page.by_ref().collect();
    let survey = page.survey();
    assert!(samples.len() + survey.left_out <= text.lines().count());
    assert_eq!(samples.len(), survey.samples);
    assert!(!(survey.has_end && survey.has_cut_line));
    for sample in &samples {
        assert!(!sample.name.is_empty());
        let is_short = |it: &str| it.len() <= MAX_LABEL_BYTES;
        assert!(sample.labels.iter().all(|(key, value)| is_short(key) && is_short(value)));
    }
    if let Some(place) = bytes.first() {
        let mut end = text.len() * usize::from(*place) / 255;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let cut: Vec<_> = Page::new(&text[..end]).collect();
        assert!(cut.len() <= samples.len());
        assert!(cut.iter().zip(&samples).all(|(one, other)| is_same(one, other)));
    }
});

/// The same sample; what is no number is the same as itself.
fn is_same(one: &Sample<'_>, other: &Sample<'_>) -> bool {
    one.name == other.name
        && one.labels == other.labels
        && one.kind == other.kind
        && one.value.to_bits() == other.value.to_bits()
}
