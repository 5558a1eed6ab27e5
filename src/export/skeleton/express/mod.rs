//! The skeleton of a service of this stack.

use crate::{
    export::FileSet,
    model::{Model, Service, ServiceId},
};

/// The files of one service, by their path in its folder.
pub(super) fn files(_model: &Model, _id: &ServiceId, _service: &Service) -> FileSet {
    FileSet::new()
}
