//! `meshboard schema`: the JSON Schema of project files.

use std::io::Write;

use super::{Failure, Verdict};
use crate::project;

pub(super) fn run(out: &mut dyn Write) -> Result<Verdict, Failure> {
    writeln!(out, "{:#}", project::schema())?;
    Ok(Verdict::Fine)
}
