//! How much one import may use up, over all its files.
//!
//! One account for everything that can multiply: aliases, variables made of variables,
//! services that extend a large one.

use super::node::{Place, Problem};

/// What an import may still use up, over all its files.
#[derive(Debug)]
pub(super) struct Budget {
    /// Values, those that aliases repeat included.
    pub(super) nodes: usize,
    /// Bytes of text.
    pub(super) bytes: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            nodes: 400_000,
            bytes: 32 * 1024 * 1024,
        }
    }
}

impl Budget {
    /// Takes so many values and bytes of it.
    pub(super) fn spend(
        &mut self,
        nodes: usize,
        bytes: usize,
        place: Place,
    ) -> Result<(), Problem> {
        match (self.nodes.checked_sub(nodes), self.bytes.checked_sub(bytes)) {
            (Some(nodes), Some(bytes)) => {
                (self.nodes, self.bytes) = (nodes, bytes);
                Ok(())
            }
            _ => Err(Problem::at(
                place,
                "the files say more than Meshboard reads in one import",
                "import fewer files at once, or repeat less by aliases and variables",
            )),
        }
    }
}
