//! What is asked, and what an answer that is no list says.

use super::{List, checked, objects::Pod, path, unless_hidden};
use crate::monitor::{Reach, fetch::Failure};

#[test]
fn a_namespace_narrows_what_is_asked_for() {
    assert_eq!(
        path("api/v1", "shop", "pods"),
        "api/v1/namespaces/shop/pods"
    );
    assert_eq!(path("api/v1", "", "pods"), "api/v1/pods");
}

#[test]
fn a_namespace_cannot_lead_elsewhere() {
    assert_eq!(checked("shop-1").unwrap(), "shop-1");
    for odd in ["../../secrets", "a/b", "a?b", "Shop", "a b"] {
        assert_eq!(checked(odd).unwrap_err().reach, Reach::Blocked, "{odd}");
    }
}

#[test]
fn what_may_not_be_seen_is_noted_and_the_rest_is_shown() {
    let mut notes = Vec::new();
    let hidden: Result<Vec<u8>, _> = Err(Failure::new(Reach::AuthDenied, "HTTP 403"));
    assert!(
        unless_hidden(hidden, "deployments", &mut notes)
            .unwrap()
            .is_empty()
    );
    assert_eq!(notes, ["deployments may not be listed"]);
    let broken: Result<Vec<u8>, _> = Err(Failure::new(Reach::TimedOut, "late"));
    assert!(unless_hidden(broken, "deployments", &mut notes).is_err());
}

#[test]
fn lists_are_read_with_what_they_leave_out() {
    let read = |text: &str| serde_json::from_str::<List<Pod>>(text).map(|it| it.items);
    assert_eq!(
        read(r#"{"kind":"PodList","metadata":{},"items":null}"#)
            .unwrap()
            .map(|it| it.len()),
        None
    );
    let one = read(r#"{"metadata":{"continue":"x"},"items":[{"metadata":{"labels":null}}]}"#);
    assert_eq!(one.unwrap().map(|it| it.len()), Some(1));
    for odd in ["[]", "7", r#"{"items":7}"#, "<html>"] {
        assert!(read(odd).is_err(), "{odd}");
    }
}
