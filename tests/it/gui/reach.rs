//! Without a pointer and without a screen: keys reach everything, and all has a name.

use std::collections::BTreeSet;

use egui::{Key, accesskit::Role, vec2};

use super::window::{Window, shop};

/// What a person acts on.
const ACTED_ON: [Role; 9] = [
    Role::Button,
    Role::CheckBox,
    Role::ComboBox,
    Role::Link,
    Role::ListBoxOption,
    Role::MultilineTextInput,
    Role::RadioButton,
    Role::SpinButton,
    Role::TextInput,
];

#[test]
fn tab_reaches_every_card_by_its_name() {
    let mut window = Window::on_file(&shop());
    let model = &window.project().model;
    let services = model.services.keys();
    let mut missing: BTreeSet<String> = services
        .map(|it| model.service_name(it).to_owned())
        .collect();
    assert_eq!(missing.len(), 13);
    for _ in 0..200 {
        window.press(Key::Tab);
        if let Some((Role::ListBoxOption, name)) = window.focused() {
            missing.remove(&name);
        }
        if missing.is_empty() {
            return;
        }
    }
    panic!("Tab never reached {missing:?}");
}

#[test]
fn who_calls_whom_can_be_heard() {
    let window = Window::on_file(&shop());
    for name in [
        "orders calls payments, with breaker",
        "payments calls bank, with breaker",
        "orders sends events to events",
    ] {
        assert!(window.shows(name), "{name} in {:#?}", window.names());
    }
}

#[test]
fn everything_a_person_acts_on_has_a_name() {
    let mut window = Window::on_file(&shop());
    for side in ["Design", "Review", "Export", "Live"] {
        window.click(side);
        let controls = window.controls();
        let acted_on = controls.iter().filter(|it| ACTED_ON.contains(&it.0));
        let nameless: Vec<_> = acted_on.filter(|it| it.1.trim().is_empty()).collect();
        assert!(nameless.is_empty(), "{side}: {nameless:?}");
        for name in ["Find or do anything", "Environment"] {
            assert!(window.shows(name), "{side}: {name}");
        }
        for words in ["Undo", "Redo"] {
            assert!(window.says(words), "{side}: {words}");
        }
    }
}

#[test]
fn in_a_narrow_window_the_top_bar_still_says_what_it_means() {
    let mut window = Window::on_file(&shop());
    assert!(window.shows("Not polling"));
    window.resize(vec2(900.0, 600.0));
    assert!(window.shows("Not polling"), "{:#?}", window.names());
    assert!(window.shows("Find or do anything"));
}
