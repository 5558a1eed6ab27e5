//! Who depends on what, remembered for as long as the dependencies stay the same.
//!
//! Exporters and rules ask for the dependencies of one service after the other. Maps of
//! dependencies are persistent, so that one and the same map is known by its address:
//! what was found in it holds for as long as it exists.

use std::{cell::RefCell, collections::HashMap, sync::Arc};

use imbl::OrdMap;

use super::{Dependency, DependencyId, ServiceId};

type Dependencies = OrdMap<DependencyId, Arc<Dependency>>;

/// From this many questions on it is cheaper to sort the dependencies than to look
/// through all of them each time.
const WORTH_SORTING: u32 = 16;

thread_local! {
    static LAST: RefCell<Memory> = RefCell::default();
}

#[derive(Default)]
struct Memory {
    /// Kept, so that its address belongs to no other.
    dependencies: Dependencies,
    questions: u32,
    by_caller: HashMap<ServiceId, Vec<DependencyId>>,
}

/// The ids of what a service depends on, sorted; `None` where nothing is remembered yet.
pub(super) fn remembered(
    dependencies: &Dependencies,
    caller: &ServiceId,
) -> Option<Vec<DependencyId>> {
    LAST.with_borrow_mut(|last| {
        if !last.dependencies.ptr_eq(dependencies) {
            *last = Memory {
                dependencies: dependencies.clone(),
                ..Memory::default()
            };
        }
        last.questions = last.questions.saturating_add(1);
        if last.questions < WORTH_SORTING {
            return None;
        }
        if last.questions == WORTH_SORTING {
            for (id, it) in dependencies {
                let ids = last.by_caller.entry(it.from.clone()).or_default();
                ids.push(id.clone());
            }
        }
        Some(last.by_caller.get(caller).cloned().unwrap_or_default())
    })
}

#[cfg(test)]
mod tests {
    use crate::model::{ServiceId, testing::model};

    #[test]
    fn the_answer_is_the_same_however_often_it_was_asked_and_after_a_change() {
        let mut model = model("x(a, b, c); a -> b; a -> c; b -> c");
        let of = |model: &crate::model::Model, id: &str| {
            let id = ServiceId::new(id).unwrap();
            let all = model.dependencies_of(&id);
            all.map(|(id, _)| id.to_string()).collect::<Vec<_>>()
        };
        for _ in 0..40 {
            assert_eq!(of(&model, "a"), ["a-b", "a-c"]);
            assert_eq!(of(&model, "b"), ["b-c"]);
            assert_eq!(of(&model, "c"), [""; 0]);
        }
        model.dependencies.remove("a-b");
        for _ in 0..40 {
            assert_eq!(of(&model, "a"), ["a-c"]);
        }
    }
}
