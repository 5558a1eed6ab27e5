//! Why a command could not do its work.

use std::{error::Error, io};

/// Why a command could not do its work.
#[derive(Debug)]
pub(super) enum Failure {
    /// What is wrong, where, and what to do.
    Wrong(String),
    /// Nobody reads the output any more.
    ReaderGone,
}

impl Failure {
    /// A failure with this text.
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self::Wrong(text.into())
    }
}

// `Failure` is no `Error` itself, so that every error can become one with `?`.
impl<E: Error + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        let first: &(dyn Error + 'static) = &error;
        let is_reader_gone = |it: &io::Error| it.kind() == io::ErrorKind::BrokenPipe;
        if first.downcast_ref().is_some_and(is_reader_gone) {
            return Self::ReaderGone;
        }
        let mut text = first.to_string();
        let mut next = first.source();
        while let Some(source) = next {
            let reason = source.to_string();
            // Many errors already say what their source says.
            if !text.contains(&reason) {
                text.push_str(": ");
                text.push_str(&reason);
            }
            next = source.source();
        }
        Self::Wrong(text)
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::Failure;

    #[derive(Debug, thiserror::Error)]
    enum Outer {
        #[error("cannot save: {0}")]
        Says(#[source] io::Error),
        #[error("cannot save")]
        IsSilent(#[source] io::Error),
    }

    #[test]
    fn the_reason_is_said_exactly_once() {
        let reason = || io::Error::other("the disk is full");
        for error in [Outer::Says(reason()), Outer::IsSilent(reason())] {
            let Failure::Wrong(text) = Failure::from(error) else {
                panic!("not a closed pipe");
            };
            assert_eq!(text, "cannot save: the disk is full");
        }
    }

    #[test]
    fn a_closed_pipe_is_no_complaint() {
        let error = io::Error::from(io::ErrorKind::BrokenPipe);
        assert!(matches!(Failure::from(error), Failure::ReaderGone));
    }
}
