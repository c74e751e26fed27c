//! Names that may stand for one list: a change by one of them may change the list of the others.

use std::collections::BTreeMap;

/// Groups of items that may be one list.
#[derive(Debug, Default)]
pub(super) struct Shared {
    group_of: BTreeMap<usize, usize>,
    groups: Vec<Vec<usize>>,
}

impl Shared {
    /// Puts items into one group, with all that share with them.
    pub(super) fn join(&mut self, items: &[usize]) {
        let Some((&first, others)) = items.split_first() else {
            return;
        };
        let mut group = self.group(first);
        for &other in others {
            let mut other = self.group(other);
            if self.groups[group].len() < self.groups[other].len() {
                (group, other) = (other, group);
            }
            if group != other {
                for item in std::mem::take(&mut self.groups[other]) {
                    self.group_of.insert(item, group);
                    self.groups[group].push(item);
                }
            }
        }
    }

    fn group(&mut self, item: usize) -> usize {
        let next = self.groups.len();
        let group = *self.group_of.entry(item).or_insert(next);
        if group == next {
            self.groups.push(vec![item]);
        }
        group
    }

    pub(super) fn contains(&self, item: usize) -> bool {
        self.group_of.contains_key(&item)
    }

    /// Takes a group out: the items that may be the same list as this one.
    pub(super) fn take(&mut self, item: usize) -> Vec<usize> {
        let group = self.group_of.get(&item);
        let items = group.map_or_else(Vec::new, |group| std::mem::take(&mut self.groups[*group]));
        for item in &items {
            self.group_of.remove(item);
        }
        items
    }
}
