//! The shortest cycle of a strongly connected component.

use std::collections::{HashMap, VecDeque};

/// Edges looked at before the shortest cycle found so far is taken. It is exact for
/// components of a few hundred services; a larger one gets a short cycle, not surely
/// the shortest, because the exact answer takes time with the square of its size. Ours.
const MOST_STEPS: usize = 100_000;

/// The members of a shortest cycle in walking order, from its smallest member on.
/// `members` must be strongly connected and sorted.
pub(super) fn shortest(members: &[usize], successors: &[Vec<usize>]) -> Vec<usize> {
    let inside: HashMap<usize, usize> = members
        .iter()
        .enumerate()
        .map(|(local, &member)| (member, local))
        .collect();
    let next: Vec<Vec<usize>> = members
        .iter()
        .map(|&member| {
            let next = successors[member].iter();
            next.filter_map(|it| inside.get(it).copied()).collect()
        })
        .collect();
    let mut best: Option<Vec<usize>> = None;
    let mut steps = 0;
    for start in 0..members.len() {
        if best.is_some() && steps > MOST_STEPS {
            break;
        }
        let limit = best.as_ref().map_or(usize::MAX, Vec::len);
        if let Some(found) = back_to(start, &next, limit, &mut steps) {
            best = Some(found);
        }
    }
    let mut cycle: Vec<usize> = best
        .unwrap_or_default()
        .into_iter()
        .map(|it| members[it])
        .collect();
    let first = cycle
        .iter()
        .enumerate()
        .min_by_key(|(_, it)| **it)
        .map_or(0, |(position, _)| position);
    cycle.rotate_left(first);
    cycle
}

/// The shortest way from `start` back to it that is shorter than `limit`.
fn back_to(
    start: usize,
    next: &[Vec<usize>],
    limit: usize,
    steps: &mut usize,
) -> Option<Vec<usize>> {
    let mut reached_from: HashMap<usize, usize> = HashMap::new();
    let mut open = VecDeque::from([(start, 1)]);
    while let Some((node, length)) = open.pop_front() {
        if length >= limit {
            return None;
        }
        for &to in &next[node] {
            *steps += 1;
            if to == start {
                let mut way = vec![node];
                let mut at = node;
                while at != start {
                    at = reached_from[&at];
                    way.push(at);
                }
                way.reverse();
                return Some(way);
            }
            if let std::collections::hash_map::Entry::Vacant(entry) = reached_from.entry(to) {
                entry.insert(node);
                open.push_back((to, length + 1));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::shortest;

    #[test]
    fn the_shorter_of_two_cycles_is_found() {
        let graph = [vec![1], vec![2], vec![3, 0], vec![2]];
        assert_eq!(shortest(&[0, 1, 2, 3], &graph), [2, 3]);
    }

    #[test]
    fn a_service_that_calls_itself_is_a_cycle_of_one() {
        let graph = [vec![1], vec![0, 1]];
        assert_eq!(shortest(&[0, 1], &graph), [1]);
    }

    #[test]
    fn a_component_of_ten_thousand_is_searched_in_bounded_time() {
        let members: Vec<usize> = (0..10_000).collect();
        let ring: Vec<_> = (0..10_000).map(|it| vec![(it + 1) % 10_000]).collect();
        assert_eq!(shortest(&members, &ring).len(), 10_000);
    }
}
