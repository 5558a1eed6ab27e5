//! Who is behind a name, from one look-up after the other.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
};

use crate::monitor::{address::is_forbidden, plan::MAX_ADDRESSES};

/// Who is missing in so many look-ups in a row is gone.
const MISSED: u32 = 2;

/// The addresses that count. A host often has one of each kind and would count twice, so
/// those of IPv6 count only if no other can be asked; what is never asked is shown.
pub(super) fn chosen(found: Vec<IpAddr>) -> BTreeSet<IpAddr> {
    let has_older = found.iter().any(|it| it.is_ipv4() && !is_forbidden(*it));
    let is_chosen = |it: &IpAddr| is_forbidden(*it) || it.is_ipv4() == has_older;
    found.into_iter().filter(is_chosen).collect()
}

/// Those who have a seat; seats are counted from zero.
#[derive(Debug, Default)]
pub(super) struct Members(BTreeMap<usize, Member>);

#[derive(Debug)]
struct Member {
    address: IpAddr,
    /// Look-ups in a row without it.
    missed: u32,
}

impl Members {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Everybody with the seat.
    pub(super) fn all(&self) -> impl Iterator<Item = (usize, IpAddr)> {
        self.0.iter().map(|(seat, it)| (*seat, it.address))
    }

    /// Takes what a look-up found; gives the seats of those who went, and who came.
    pub(super) fn take(&mut self, found: &BTreeSet<IpAddr>) -> (Vec<usize>, Vec<(usize, IpAddr)>) {
        let mut gone = Vec::new();
        self.0.retain(|seat, member| {
            let is_found = found.contains(&member.address);
            member.missed = if is_found { 0 } else { member.missed + 1 };
            let is_gone = member.missed >= MISSED;
            if is_gone {
                gone.push(*seat);
            }
            !is_gone
        });
        let known: BTreeSet<_> = self.0.values().map(|it| it.address).collect();
        let free = (0..MAX_ADDRESSES).filter(|it| !self.0.contains_key(it));
        let new: Vec<_> = free.zip(found.difference(&known).copied()).collect();
        for (seat, address) in &new {
            let (address, missed) = (*address, 0);
            self.0.insert(*seat, Member { address, missed });
        }
        (gone, new)
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, net::IpAddr};

    use super::{MAX_ADDRESSES, Members, chosen};

    fn addresses(text: &str) -> BTreeSet<IpAddr> {
        let all = text.split_whitespace().map(|it| it.parse().unwrap());
        chosen(all.collect())
    }

    /// Who is there after each look-up.
    fn course(look_ups: &[&str]) -> Vec<String> {
        let mut members = Members::default();
        let after = look_ups.iter().map(|it| {
            members.take(&addresses(it));
            let mut all: Vec<_> = members.all().map(|(_, ip)| ip).collect();
            all.sort();
            let words: Vec<_> = all.iter().map(ToString::to_string).collect();
            words.join(" ")
        });
        after.collect()
    }

    #[test]
    fn who_is_new_comes_at_once_and_who_is_missing_twice_goes() {
        let course = course(&[
            "10.0.0.1 10.0.0.2",
            "10.0.0.2 10.0.0.3",
            "10.0.0.1 10.0.0.3",
            "10.0.0.1 10.0.0.3",
        ]);
        assert_eq!(
            course,
            [
                "10.0.0.1 10.0.0.2",
                "10.0.0.1 10.0.0.2 10.0.0.3",
                "10.0.0.1 10.0.0.2 10.0.0.3",
                "10.0.0.1 10.0.0.3"
            ]
        );
    }

    #[test]
    fn a_host_with_both_kinds_of_address_counts_once() {
        assert_eq!(course(&["10.0.0.1 fd00::1"]), ["10.0.0.1"]);
        assert_eq!(course(&["fd00::1 fd00::2"]), ["fd00::1 fd00::2"]);
        let with_metadata = course(&["169.254.169.254 fd00::1"]);
        assert_eq!(with_metadata, ["169.254.169.254 fd00::1"], "it is said");
    }

    #[test]
    fn there_are_only_so_many_seats_and_those_who_have_one_keep_it() {
        let many = |first: usize| {
            let all = (first..first + 100).map(|it| format!("10.0.{}.{}", it / 250, it % 250 + 1));
            addresses(&all.collect::<Vec<_>>().join(" "))
        };
        let mut members = Members::default();
        members.take(&many(100));
        let before: Vec<_> = members.all().collect();
        assert_eq!(before.len(), MAX_ADDRESSES);
        let (gone, new) = members.take(&many(50));
        assert!(gone.is_empty() && new.is_empty());
        assert_eq!(members.all().collect::<Vec<_>>(), before);
    }
}
