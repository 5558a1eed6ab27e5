//! Pages as programs write them, pages cut anywhere, and any bytes at all.

use proptest::prelude::*;

use super::{Kind, MAX_LABEL_BYTES, MAX_SAMPLES, Page, Sample, is_metrics_page, line::steps};

const PAGE: &str = concat!(
    "# HELP calls Calls\n# TYPE calls counter\n",
    "calls_total{name=\"a\\\"b\\\\c\\nd\",kind=\"x,}y\",} 50.25 1700000000000\n",
    "  up { a = \"1\" , b=\"2\" }\t1\n",
    "empty{} 1\nplain -3e2\r\n",
    "{\"my.metric\",\"a.b\"=\"c\"} +Inf\n",
    "bucket{le=\"0.5\"} 7 # {trace=\"x\"} 0.3 1.5\n",
    "# TYPE state stateset\nstate{state=\"open\"} 1\n",
    "nothing NaN\n# EOF\n",
);

fn shown(page: &str) -> Vec<String> {
    let line = |it: Sample<'_>| format!("{} {:?} {}", it.name, it.labels, it.value);
    Page::new(page).map(line).collect()
}

#[test]
fn real_pages_are_read_with_all_their_oddities() {
    let expected = [
        r#"calls_total [("name", "a\"b\\c\nd"), ("kind", "x,}y")] 50.25"#,
        r#"up [("a", "1"), ("b", "2")] 1"#,
        "empty [] 1",
        "plain [] -300",
        r#"my.metric [("a.b", "c")] inf"#,
        r#"bucket [("le", "0.5")] 7"#,
        r#"state [("state", "open")] 1"#,
        "nothing [] NaN",
    ];
    assert_eq!(shown(PAGE), expected);
}

#[test]
fn a_metric_is_what_the_page_says_right_above_it() {
    let page = "# TYPE a counter\na_total 1\na_created 2\nother 3\n# TYPE \"b.c\" stateset\n\
                {\"b.c\",\"b.c\"=\"x\"} 1\n# TYPE d untyped\nd 1\n# TYPE e\ne 1\na_total 1\n";
    let kinds: Vec<_> = Page::new(page).map(|it| it.kind).collect();
    let unknown = Kind::Unknown;
    assert_eq!(
        kinds,
        [
            Kind::Counter,
            Kind::Counter,
            unknown,
            Kind::StateSet,
            unknown,
            unknown,
            unknown
        ]
    );
}

#[test]
fn what_makes_no_sense_is_left_out_and_its_line_is_known() {
    let page = "a\na b\na{b} 1\na{b=c} 1\na{b=\"c\" 1\n1a 1\na 1 2 3\na{\"x\",\"y\"} 1\n\
                Active connections: 1 \na{b=\"c\"d=\"e\"} 1\n= 1\n{\"\"} 1\n\u{feff}\n";
    assert_eq!(shown(page), Vec::<String>::new());
    assert!(!is_metrics_page("Active connections: 1 \n"));
    assert!(is_metrics_page("\n# a comment\nenvoy_x{} 1\n"));
    assert!(is_metrics_page("# EOF"));

    let mut read = Page::new("# a\nup 1\nbroken\nup{a=\"b\"} 2\n");
    assert_eq!(read.by_ref().count(), 2);
    let survey = read.survey();
    assert_eq!((survey.samples, survey.left_out), (2, 1));
    assert_eq!(survey.left_out_lines, [3]);
}

#[test]
fn the_end_of_a_page_tells_whether_it_is_whole() {
    let ends = |page: &str| {
        let survey = Page::new(page).survey().clone();
        (survey.has_end, survey.has_cut_line)
    };
    assert_eq!(ends("a 1\n# EOF\n"), (true, false));
    assert_eq!(ends("a 1\n# EOF"), (true, false));
    assert_eq!(ends("a 1\n# EOF\n\n"), (true, false));
    assert_eq!(ends("a 1\n"), (false, false));
    assert_eq!(ends("a 1\nb 5"), (false, true));
    assert_eq!(ends("a 1\n# EO"), (false, true));
    assert_eq!(ends(""), (false, false));
}

#[test]
fn a_page_cut_at_any_byte_gives_only_samples_of_the_whole_page() {
    let whole = shown(PAGE);
    for end in (0..PAGE.len()).filter(|it| PAGE.is_char_boundary(*it)) {
        assert!(whole.starts_with(&shown(&PAGE[..end])), "cut at {end}");
    }
}

#[test]
fn labels_that_are_too_long_are_left_out_and_others_are_not() {
    let page = format!("a{{b=\"{}\"}} 1\nc 2\n", "x".repeat(MAX_LABEL_BYTES + 1));
    assert_eq!(shown(&page), ["c [] 2"]);
}

#[test]
fn of_a_page_without_end_only_so_much_is_read() {
    let page = "a 1\n".repeat(MAX_SAMPLES + 5);
    let mut read = Page::new(&page);
    assert_eq!(read.by_ref().count(), MAX_SAMPLES);
    assert!(read.survey().is_longer);
}

/// What reading this cost, in bytes looked at.
fn cost(page: &str) -> usize {
    steps::of(|| {
        is_metrics_page(page);
        Page::new(page).for_each(drop);
    })
}

/// No byte is looked at more often than this, on average; a line costs a little by itself.
fn bound(page: &str) -> usize {
    12 * page.len() + 40
}

#[test]
fn pages_made_to_be_slow_cost_what_they_are_long() {
    let wide = |it: &str| format!("{}\n", it.repeat(50_000));
    let pages = [
        wide("a{"),
        wide("a{b=\""),
        format!("a{}", wide("{b=\"c\",")),
        format!("a{{b=\"{}", wide("\\")),
        format!("a{{{}", wide("b=\"\",")),
        wide("#"),
        wide("# TYPE "),
        wide(" \t"),
        wide("\"\\\""),
        wide("a\n"),
        wide("{\n"),
        wide("1 "),
    ];
    for page in pages {
        let start: String = page.chars().take(20).collect();
        assert!(cost(&page) <= bound(&page), "{start}: {}", cost(&page));
    }
}

/// A page with some of its bytes replaced, taken out or doubled.
fn mutated() -> impl Strategy<Value = String> {
    let places = proptest::collection::vec((0..PAGE.len(), any::<u8>(), 0..4_u8), 1..12);
    places.prop_map(|places| {
        let mut bytes = PAGE.as_bytes().to_vec();
        for (place, byte, what) in places {
            let place = place.min(bytes.len() - 1);
            match what {
                0 => bytes[place] = byte,
                1 => bytes.insert(place, byte),
                2 if bytes.len() > 1 => drop(bytes.remove(place)),
                _ => bytes.extend_from_within(place..bytes.len().min(place + 40)),
            }
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// All that must hold of any page.
fn check(page: &str) -> Result<(), TestCaseError> {
    let whole = shown(page);
    prop_assert!(whole.len() <= page.len());
    prop_assert!(
        cost(page) <= bound(page),
        "{} for {}",
        cost(page),
        page.len()
    );
    for end in (0..page.len()).filter(|it| page.is_char_boundary(*it)) {
        prop_assert!(whole.starts_with(&shown(&page[..end])), "cut at {}", end);
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_bytes_are_read_in_time_and_the_same_when_cut(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
    ) {
        check(&String::from_utf8_lossy(&bytes))?;
    }

    #[test]
    fn any_text_of_telling_characters_is_read_in_time_and_the_same_when_cut(
        page in "[a-c0-1{}\"\\\\=,# \t\n]{0,200}",
    ) {
        check(&page)?;
    }

    #[test]
    fn a_real_page_that_was_damaged_is_read_in_time_and_the_same_when_cut(page in mutated()) {
        check(&page)?;
    }

    #[test]
    fn what_is_written_is_what_is_read(
        name in "[a-zA-Z_:][a-zA-Z0-9_:]{0,8}",
        label in "[a-zA-Z_][a-zA-Z0-9_]{0,8}",
        text in "\\PC{0,20}",
        value in any::<f32>().prop_filter("a number", |it| it.is_finite()),
    ) {
        let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        let page = format!("{name}{{{label}=\"{escaped}\"}} {value}\n");
        let read: Vec<_> = Page::new(&page).collect();
        prop_assert_eq!(read.len(), 1);
        prop_assert_eq!(read[0].name.as_ref(), name.as_str());
        prop_assert_eq!(read[0].label(&label), Some(text.as_str()));
        prop_assert!((read[0].value as f32 - value).abs() <= f32::EPSILON * value.abs());
    }
}
