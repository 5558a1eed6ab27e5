//! A graph with each of its cycles drawn together to one component, callers first.
//!
//! Questions about the longest or the most expensive path have an answer only there.

use crate::model::strong_components;

/// The components of a graph in an order in which every caller comes before what it calls.
#[derive(Debug)]
pub struct Condensation {
    /// For each node, its component.
    pub component_of: Vec<usize>,
    /// The nodes of each component, sorted. Components stand in order: callers first.
    pub components: Vec<Vec<usize>>,
    /// For each node, the nodes its edges lead to.
    pub successors: Vec<Vec<usize>>,
}

impl Condensation {
    /// Condenses the graph in which each node leads to its `successors`.
    pub fn of(successors: Vec<Vec<usize>>) -> Self {
        let components = strong_components(successors.len(), |it| successors[it].clone());
        let mut component_of = vec![0; successors.len()];
        for (component, members) in components.iter().enumerate() {
            for &member in members {
                component_of[member] = component;
            }
        }
        let order = in_order(&components, &component_of, &successors);
        let mut rank = vec![0; components.len()];
        for (position, &component) in order.iter().enumerate() {
            rank[component] = position;
        }
        for component in &mut component_of {
            *component = rank[*component];
        }
        let mut components: Vec<_> = components.into_iter().enumerate().collect();
        components.sort_by_key(|(component, _)| rank[*component]);
        Self {
            component_of,
            components: components.into_iter().map(|(_, members)| members).collect(),
            successors,
        }
    }

    /// The components with a cycle: of several nodes, or of one that leads to itself.
    pub fn cycles(&self) -> impl Iterator<Item = &[usize]> {
        self.components
            .iter()
            .map(Vec::as_slice)
            .filter(|it| it.len() > 1 || self.successors[it[0]].contains(&it[0]))
    }

    /// Whether two nodes lie on a common cycle, or are one.
    pub fn are_together(&self, one: usize, other: usize) -> bool {
        self.component_of[one] == self.component_of[other]
    }
}

/// The components such that each comes after all that lead to it.
fn in_order(
    components: &[Vec<usize>],
    component_of: &[usize],
    successors: &[Vec<usize>],
) -> Vec<usize> {
    let next_of = |component: usize| {
        components[component]
            .iter()
            .flat_map(|&member| &successors[member])
            .map(|&next| component_of[next])
            .filter(move |&next| next != component)
    };
    let mut waiting_for = vec![0_usize; components.len()];
    for component in 0..components.len() {
        for next in next_of(component) {
            waiting_for[next] += 1;
        }
    }
    let mut order: Vec<usize> = (0..components.len())
        .filter(|&it| waiting_for[it] == 0)
        .collect();
    let mut done = 0;
    while done < order.len() {
        for next in next_of(order[done]) {
            waiting_for[next] -= 1;
            if waiting_for[next] == 0 {
                order.push(next);
            }
        }
        done += 1;
    }
    order
}

#[cfg(test)]
mod tests {
    use super::Condensation;

    #[test]
    fn callers_come_first_and_a_cycle_is_one() {
        let condensation = Condensation::of(vec![vec![], vec![0, 3], vec![1], vec![1, 0]]);
        assert_eq!(condensation.components, [vec![2], vec![1, 3], vec![0]]);
        assert_eq!(condensation.component_of, [2, 1, 0, 1]);
        assert_eq!(condensation.cycles().count(), 1);
        assert!(condensation.are_together(1, 3) && !condensation.are_together(1, 2));
    }
}
