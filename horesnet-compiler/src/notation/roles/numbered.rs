//! Lists whose names are numbered, `b3`, `b4`, …: the rows of a matrix, one a stage.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use super::ARRAYS;
use crate::language::limits;
use crate::notation::field::{Role, role};
use crate::notation::program::Item;
use crate::notation::value::Value;

/// The number and index of each list with one stem in one scope.
type Rows = BTreeMap<usize, usize>;

/// Joins numbered lists to matrices, unless a matrix is written as a list of rows. Returns the numbers that the last stage of
/// each scope may have.
pub(super) fn join(items: &mut Vec<Item>) -> BTreeMap<usize, RangeInclusive<usize>> {
    if { items.iter() }.filter_map(list).any(Value::is_matrix) {
        return BTreeMap::new();
    }
    let mut groups: BTreeMap<(usize, &str), Rows> = BTreeMap::new();
    for (at, item) in items
        .iter()
        .enumerate()
        .filter(|(_, item)| list(item).is_some())
    {
        if let Some((stem, number)) = numbered(&item.name) {
            groups
                .entry((item.scope, stem))
                .or_default()
                .insert(number, at);
        }
    }
    let groups = groups.iter().take(ARRAYS);
    let (mut found, mut stages) = (Vec::new(), BTreeMap::new());
    for ((scope, stem), rows) in groups {
        let Some((item, used)) = matrix(items, *scope, stem, rows) else {
            continue;
        };
        let last = rows.last_key_value().map_or(0, |(number, _)| *number);
        let length = used.last().and_then(|at| list(&items[*at])?.len());
        let length = length.unwrap_or(0);
        stages.insert(*scope, last.min(length)..=length + 1);
        found.push((item, used));
    }
    let used: BTreeSet<usize> = { found.iter() }
        .flat_map(|(_, used)| used.clone())
        .collect();
    let mut numbers = 0..;
    items.retain(|_| numbers.next().is_none_or(|at| !used.contains(&at)));
    items.extend(found.into_iter().map(|(item, _)| item));
    stages
}

/// The list of an item; of a matrix of one row, the row.
fn list(item: &Item) -> Option<&Value> {
    let value = item.value.as_ref().ok().filter(|value| value.is_list())?;
    match value {
        Value::List(rows, ..) if rows.len() == 1 && rows[0].is_list() => rows.first(),
        _ => Some(value),
    }
}

/// The part before the number of a name, and the number.
fn numbered(name: &str) -> Option<(&str, usize)> {
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = name[stem.len()..].parse().ok();
    let number = number.filter(|number| *number <= limits::STAGES);
    Some((stem.trim_end_matches('_'), number?))
}

/// The matrix of some rows, and the indices of the items that it is made of; `None` if the lengths are those of no matrix.
fn matrix(items: &[Item], scope: usize, stem: &str, rows: &Rows) -> Option<(Item, Vec<usize>)> {
    let mut used: Vec<usize> = rows.values().copied().collect();
    let row = |at: &usize| list(&items[*at]);
    let lengths: Vec<usize> = used.iter().filter_map(|at| row(at)?.len()).collect();
    let (first, last) = (*rows.keys().next()?, *rows.keys().next_back()?);
    let is_consecutive = last - first + 1 == rows.len();
    let are_longer = lengths.windows(2).all(|pair| pair[0] + 1 == pair[1]);
    let is_square = lengths.iter().all(|length| *length == lengths[0])
        && (lengths[0] == rows.len() || lengths[0] == rows.len() + 1)
        && role(stem) == Some(Role::Matrix);
    // The row of the second stage is a number in some programs.
    let second = if are_longer && lengths[0] == 2 {
        let is_second = |item: &Item| item.scope == scope && is_second(&item.name, stem, first);
        let is_number = |item: &Item| matches!(item.value, Ok(Value::Number(_)));
        items
            .iter()
            .position(|item| is_second(item) && is_number(item))
    } else {
        None
    };
    if !is_consecutive || !(are_longer || is_square) || rows.len() + second.iter().len() < 2 {
        return None;
    }
    let mut lists = Vec::new();
    if let Some(Ok(number)) = second.map(|at| items[at].value.clone()) {
        let span = number.span();
        lists.push(Value::array(vec![number], span));
    }
    lists.extend(used.iter().filter_map(row).cloned());
    used.splice(..0, second);
    let (from, to) = (&items[used[0]], &items[*used.last()?]);
    let span = from.span;
    let name = format!("{} to {}", from.name, to.short_name());
    let mut item = Item::new(name, span, Ok(Value::array(lists, span)));
    item.scope = scope;
    Some((item, used))
}

/// Returns true for the name of the entry before the row with this number: `b21` before `b3`.
fn is_second(name: &str, stem: &str, row: usize) -> bool {
    let digits = name.strip_prefix(stem).unwrap_or("").replace('_', "");
    let Some(before) = row.checked_sub(1) else {
        return false;
    };
    [
        format!("{before}1"),
        format!("{before}0"),
        before.to_string(),
    ]
    .contains(&digits)
}
