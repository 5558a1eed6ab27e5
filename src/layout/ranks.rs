//! How far along the flow each item is: cycles are broken where it costs least,
//! then every item goes one step after the last of those that need it.

use super::level::Link;

/// The order of the items along the flow and their ranks.
pub(super) struct Ranks {
    /// Steps from the sources: longest path.
    pub earliest: Vec<usize>,
    /// The latest rank that keeps every target after its sources.
    pub latest: Vec<usize>,
}

/// Ranks `count` items; links against the found order are ignored.
pub(super) fn ranks(count: usize, links: &[Link]) -> Ranks {
    let order = flow_order(count, links);
    let mut place = vec![0; count];
    for (number, &item) in order.iter().enumerate() {
        place[item] = number;
    }
    let mut outgoing = vec![Vec::new(); count];
    for link in links {
        if place[link.from] < place[link.to] {
            outgoing[link.from].push(link.to);
        }
    }

    let mut earliest = vec![0; count];
    for &item in &order {
        for &next in &outgoing[item] {
            earliest[next] = earliest[next].max(earliest[item] + 1);
        }
    }
    let last = earliest.iter().copied().max().unwrap_or(0);
    let mut latest = vec![last; count];
    for &item in order.iter().rev() {
        for &next in &outgoing[item] {
            latest[item] = latest[item].min(latest[next] - 1);
        }
    }
    Ranks { earliest, latest }
}

/// An order with few and light links against it (Eades, Lin and Smyth 1993): sinks
/// go to the end, sources to the start, and in between whoever gives most for what
/// it takes. Weights are counted in tenths so that ties are exact.
fn flow_order(count: usize, links: &[Link]) -> Vec<usize> {
    let mut outgoing = vec![Vec::new(); count];
    let mut incoming = vec![Vec::new(); count];
    let mut balance = vec![0_i64; count];
    let mut open_out = vec![0_usize; count];
    let mut open_in = vec![0_usize; count];
    for link in links.iter().filter(|it| it.from != it.to) {
        let weight = (link.weight * 10.0).round() as i64;
        outgoing[link.from].push((link.to, weight));
        incoming[link.to].push((link.from, weight));
        balance[link.from] += weight;
        balance[link.to] -= weight;
        open_out[link.from] += 1;
        open_in[link.to] += 1;
    }

    let mut waiting: std::collections::BTreeSet<(i64, usize)> =
        (0..count).map(|it| (-balance[it], it)).collect();
    let mut ready: Vec<usize> = (0..count)
        .rev()
        .filter(|&it| open_in[it] == 0 || open_out[it] == 0)
        .collect();
    let mut done = vec![false; count];
    let (mut head, mut tail) = (Vec::with_capacity(count), Vec::new());
    while let Some(item) = ready
        .pop()
        .or_else(|| waiting.first().map(|&(_, item)| item))
    {
        if std::mem::replace(&mut done[item], true) {
            continue;
        }
        waiting.remove(&(-balance[item], item));
        if open_out[item] == 0 && open_in[item] > 0 {
            tail.push(item);
        } else {
            head.push(item);
        }
        for &(next, weight) in outgoing[item].iter().filter(|it| !done[it.0]) {
            waiting.remove(&(-balance[next], next));
            balance[next] += weight;
            waiting.insert((-balance[next], next));
            open_in[next] -= 1;
            if open_in[next] == 0 {
                ready.push(next);
            }
        }
        for &(next, weight) in incoming[item].iter().filter(|it| !done[it.0]) {
            waiting.remove(&(-balance[next], next));
            balance[next] -= weight;
            waiting.insert((-balance[next], next));
            open_out[next] -= 1;
            if open_out[next] == 0 {
                ready.push(next);
            }
        }
    }
    head.extend(tail.into_iter().rev());
    head
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranked(count: usize, links: &[(usize, usize, f32)]) -> Vec<usize> {
        let links: Vec<_> = links
            .iter()
            .map(|&(from, to, weight)| Link::plain(from, to, weight))
            .collect();
        ranks(count, &links).earliest
    }

    #[test]
    fn a_target_comes_after_its_last_source() {
        assert_eq!(
            ranked(4, &[(0, 1, 1.0), (1, 2, 1.0), (0, 2, 1.0), (0, 3, 1.0)]),
            [0, 1, 2, 1]
        );
    }

    #[test]
    fn a_cycle_is_broken_at_its_lightest_link() {
        assert_eq!(
            ranked(3, &[(0, 1, 1.0), (1, 2, 1.0), (2, 0, 0.1)]),
            [0, 1, 2]
        );
        assert_eq!(
            ranked(3, &[(0, 1, 0.1), (1, 2, 1.0), (2, 0, 1.0)]),
            [2, 0, 1]
        );
    }

    #[test]
    fn a_chain_against_the_numbering_is_followed() {
        assert_eq!(ranked(3, &[(2, 1, 1.0), (1, 0, 1.0)]), [2, 1, 0]);
    }
}
