//! Puts exported files on disk: plan, show, apply.
