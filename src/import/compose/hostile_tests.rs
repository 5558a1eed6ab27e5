//! Files that are large, broken or meant to do harm.

use std::{fmt::Write as _, time::Instant};

use proptest::prelude::*;

use super::tests::{SHOP, import, import_files};

#[test]
fn five_hundred_services_take_no_time_to_notice() {
    let mut text = "services:\n".to_owned();
    for number in 0..500 {
        writeln!(text, "  service-{number}:\n    image: x\n    environment:").unwrap();
        for other in 1..20 {
            let other = (number + other) % 500;
            writeln!(text, "      URL_{other}: http://service-{other}:8080").unwrap();
        }
    }
    let start = Instant::now();
    let model = import(&text).project.model;
    assert_eq!(
        (model.services.len(), model.dependencies.len()),
        (500, 9500)
    );
    // An unoptimized build on a busy machine has to keep it as well.
    assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
}

#[test]
fn thousands_of_names_that_look_alike_do_not_hang_it() {
    let name = |number: usize| format!("{}{number}", "x".repeat(70));
    let all: Vec<_> = (0..1500).map(name).collect();
    let mut text = "services:\n".to_owned();
    for name in &all {
        writeln!(text, "  {name}: {{image: x}}").unwrap();
    }
    for caller in 0..4 {
        let hosts = all.join(",");
        writeln!(
            text,
            "  {}: {{image: x, environment: {{HOSTS: '{hosts}'}}}}",
            name(5000 + caller)
        )
        .unwrap();
    }
    let start = Instant::now();
    let model = import(&text).project.model;
    assert_eq!(model.dependencies.len(), 6000);
    assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        drop(import_files(&[("compose.yaml", &text), (".env", &text)], 1));
    }

    #[test]
    fn no_change_to_a_compose_file_makes_it_panic(
        changes in proptest::collection::vec((0..SHOP.len(), "[-\\[\\]{}:,&*!|>'\"%@`$#?<a-z0-9 \n\t~é]{0,4}", 0..12_usize), 1..6),
    ) {
        let mut text: Vec<char> = SHOP.chars().collect();
        for (at, new, gone) in changes {
            let from = at.min(text.len());
            let to = (from + gone).min(text.len());
            text.splice(from..to, new.chars());
        }
        let text: String = text.into_iter().collect();
        if let Ok(imported) = import_files(&[("compose.yaml", &text), ("over.yaml", SHOP)], 2) {
            imported.project.model.check_references().unwrap();
        }
    }
}
