//! Which rows the tree has, and in which order.

use std::collections::BTreeSet;

use crate::model::{BoundaryId, ElementId, Model, ServiceId};

/// A row of the tree.
#[derive(Debug, Clone)]
pub(super) enum Row {
    /// A boundary, its depth and its turn for a color; `None` for what is in none.
    Boundary(Option<BoundaryId>, usize, usize),
    /// A service and its depth.
    Service(ServiceId, usize),
}

/// What a row is about; nothing for the heading of what is in no boundary.
pub(super) fn element_of(row: &Row) -> Option<ElementId> {
    match row {
        Row::Boundary(id, ..) => id.clone().map(ElementId::Boundary),
        Row::Service(id, _) => Some(ElementId::Service(id.clone())),
    }
}

/// What tells rows apart.
pub(super) fn row_key(row: &Row) -> (bool, String) {
    match row {
        Row::Boundary(id, ..) => (
            true,
            id.as_ref().map(ToString::to_string).unwrap_or_default(),
        ),
        Row::Service(id, _) => (false, id.to_string()),
    }
}

/// The rows of a tree: boundaries by name within their parents, then their services.
pub(super) fn rows(model: &Model, filter: &str, closed: &BTreeSet<Option<BoundaryId>>) -> Vec<Row> {
    let filter = filter.trim().to_lowercase();
    let members = model.members();
    let mut rows = Vec::new();
    let matches = |id: &ServiceId| {
        filter.is_empty()
            || id.as_str().contains(&filter)
            || model.service_name(id).to_lowercase().contains(&filter)
    };
    let turns: Vec<_> = model.boundaries.keys().collect();
    let mut open: Vec<(&BoundaryId, usize)> = Vec::new();
    let children = |parent: Option<&BoundaryId>| {
        let mut found: Vec<_> = model
            .boundaries
            .iter()
            .filter(|(_, it)| it.parent.as_ref() == parent)
            .map(|(id, _)| id)
            .collect();
        // The last one is taken first.
        found.sort_by_key(|id| std::cmp::Reverse(model.boundary_name(id).to_lowercase()));
        found
    };
    open.extend(children(None).into_iter().map(|it| (it, 0)));
    while let Some((id, depth)) = open.pop() {
        let services: Vec<_> = members
            .get(&Some(id))
            .into_iter()
            .flatten()
            .filter(|it| matches(it))
            .collect();
        let is_named = model.boundary_name(id).to_lowercase().contains(&filter);
        let nested = children(Some(id));
        if !services.is_empty() || is_named || !nested.is_empty() {
            let turn = turns.iter().position(|it| *it == id).unwrap_or(0);
            rows.push(Row::Boundary(Some(id.clone()), depth, turn));
        }
        let is_open = !closed.contains(&Some(id.clone())) || !filter.is_empty();
        if is_open {
            let services = services.into_iter();
            rows.extend(services.map(|it| Row::Service(ServiceId::clone(it), depth + 1)));
            open.extend(nested.into_iter().map(|it| (it, depth + 1)));
        }
    }
    let outside: Vec<_> = members
        .get(&None)
        .into_iter()
        .flatten()
        .filter(|it| matches(it))
        .collect();
    if !outside.is_empty() {
        rows.push(Row::Boundary(None, 0, 0));
        if !closed.contains(&None) || !filter.is_empty() {
            let outside = outside.into_iter();
            rows.extend(outside.map(|it| Row::Service(ServiceId::clone(it), 1)));
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Row, rows};
    use crate::model::testing::model;

    fn shown(
        text: &str,
        filter: &str,
        closed: &BTreeSet<Option<crate::model::BoundaryId>>,
    ) -> String {
        let names = rows(&model(text), filter, closed)
            .into_iter()
            .map(|it| match it {
                Row::Boundary(Some(id), ..) => format!("[{id}]"),
                Row::Boundary(None, ..) => "[]".to_owned(),
                Row::Service(id, _) => id.to_string(),
            });
        names.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn services_stand_under_their_boundary_and_the_rest_below() {
        let text = "shop(cart, stock); billing(invoice); (bank)";
        let all = BTreeSet::new();
        assert_eq!(
            shown(text, "", &all),
            "[billing] invoice [shop] cart stock [] bank"
        );
        assert_eq!(shown(text, "sto", &all), "[shop] stock");
        let closed = [Some("shop".parse().unwrap())].into();
        assert_eq!(shown(text, "", &closed), "[billing] invoice [shop] [] bank");
    }
}
