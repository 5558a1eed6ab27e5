//! What a design can be started from: files of other programs.
