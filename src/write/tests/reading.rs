//! Comparing what is on disk with what should be.

use std::fs;

use super::by_hand;
use crate::write::place::{Found, Reader};

#[test]
fn a_file_is_what_it_should_be_only_to_the_last_byte() {
    let folder = tempfile::tempdir().unwrap();
    let found = |text: &str| {
        by_hand(folder.path(), "a/x", text);
        let mut reader = Reader::new(folder.path());
        // The buffer is the same for all, and what it had must not count.
        let before = reader
            .compare("a/x", "a longer text than any here")
            .unwrap();
        assert_eq!(before, Found::Other(text.as_bytes().to_vec()));
        reader.compare("a/x", "wanted").unwrap()
    };
    assert_eq!(found("wanted"), Found::Wanted);
    for other in ["", "wante", "wanted\n", "Wanted", "wanted by somebody else"] {
        assert_eq!(found(other), Found::Other(other.as_bytes().to_vec()));
    }
}

#[test]
fn what_goes_or_comes_while_files_are_compared_is_as_it_is_when_its_turn_comes() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a", "b", "c"] {
        by_hand(folder.path(), name, "1");
    }
    let mut reader = Reader::new(folder.path());
    assert_eq!(reader.compare("a", "1").unwrap(), Found::Wanted);
    by_hand(folder.path(), "b", "mine");
    fs::remove_file(folder.path().join("c")).unwrap();
    by_hand(folder.path(), "d", "1");
    let mine = Found::Other(b"mine".to_vec());
    assert_eq!(reader.compare("b", "1").unwrap(), mine);
    assert_eq!(reader.compare("c", "1").unwrap(), Found::Nothing);
    assert_eq!(reader.compare("d", "1").unwrap(), Found::Wanted);
}
