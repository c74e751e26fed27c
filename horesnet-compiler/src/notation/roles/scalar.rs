//! Numbers with names of their own, `a21`, `a3_2`, `b1`, `c2`, as the entries of arrays.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use crate::language::diagnostic::Diagnostic;
use crate::language::limits;
use crate::notation::field::{Role, role};
use crate::notation::program::Item;
use crate::notation::value::{Value, brief, integer};

/// The entries of an array: row and column, or 0 and the index in a vector; each counted from 0 or 1.
type Entries<'a> = Vec<((usize, usize), &'a Item)>;

/// Makes arrays of numbers whose names have indices, and a note on nodes that are left out. The matrix is one of them, or
/// was made of lists with numbered names: `last` are the numbers that the last stage of each scope may have.
pub(super) fn arrays(
    items: &[Item],
    mut last: BTreeMap<usize, RangeInclusive<usize>>,
) -> Result<(Vec<Item>, Option<String>), Diagnostic> {
    let is_matrix = |name: &str| role(name) == Some(Role::Matrix);
    let has_rows = |item: &Item| item.value.as_ref().is_ok_and(Value::is_matrix);
    let is_list = |item: &Item| has_rows(item) || (item.is_list() && is_matrix(&item.name));
    if last.is_empty() && items.iter().any(is_list) {
        return Ok((Vec::new(), None));
    }
    let mut groups: BTreeMap<(usize, &str), Entries> = BTreeMap::new();
    for item in items {
        let is_number = matches!(item.value, Ok(Value::Number(_)) | Err(_));
        let Some((stem, indices)) = indexed(&item.name).filter(|_| is_number) else {
            continue;
        };
        let entries = groups.entry((item.scope, stem)).or_default();
        entries.push((indices, item));
    }
    let matrices = { groups.iter() }.filter(|((_, stem), _)| is_matrix(stem));
    let highest = |entries: &Entries| {
        entries
            .iter()
            .map(|((i, j), _)| *i.max(j))
            .max()
            .unwrap_or(0)
    };
    last.extend(
        matrices.map(|((scope, _), entries)| (*scope, highest(entries)..=highest(entries))),
    );
    let (mut arrays, mut note) = (Vec::new(), None);
    for ((scope, stem), entries) in &groups {
        let Some(last) = last.get(scope) else {
            continue;
        };
        // Nodes that are 1 have no names in some programs, and the others do not say of which stages they are.
        if role(stem) == Some(Role::Nodes) && !last.contains(&highest(entries)) {
            let names: Vec<_> = entries.iter().map(|(_, item)| brief(&item.name)).collect();
            note = Some(format!(
                "{}: not read, for nodes are missing",
                names.join(", ")
            ));
        } else {
            arrays.push(array(stem, entries)?);
        }
    }
    Ok((arrays, note))
}

/// The part before the indices of a name, and the indices: two of a matrix, one of a vector.
fn indexed(name: &str) -> Option<(&str, (usize, usize))> {
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_');
    let digits = name[stem.len()..].trim_start_matches('_');
    let number = |digits: &str| digits.parse().ok().filter(|at| *at <= limits::STAGES);
    if digits.is_empty() {
        return None;
    }
    let indices = match role(stem)? {
        Role::Matrix => {
            // `a21`, `a1211`, `a3_2`; of three digits the first two are the row, which is below the diagonal.
            let middle = digits.len().div_ceil(2);
            let (row, column) = digits.split_once('_').unwrap_or(digits.split_at(middle));
            (number(row)?, number(column)?)
        }
        _ => (0, number(digits)?),
    };
    Some((stem, indices))
}

/// The array of some entries; what is missing is 0.
fn array(stem: &str, entries: &Entries) -> Result<Item, Diagnostic> {
    let is_matrix = role(stem) == Some(Role::Matrix);
    let indices = || entries.iter().map(|(indices, _)| *indices);
    let lowest = indices().map(|(i, j)| if is_matrix { i.min(j) } else { j });
    let base = lowest.min().unwrap_or(0).min(1);
    let size = indices().map(|(i, j)| i.max(j) + 1 - base).max();
    let size = size.unwrap_or(0);
    let first = entries.first().map(|(_, item)| *item);
    let (place, scope) = first.map_or_else(Default::default, |item| (item.span, item.scope));
    let height = if is_matrix { size } else { 1 };
    let zero = Value::Number(integer("0", place));
    let mut rows = vec![vec![zero; size]; height];
    let mut given = BTreeSet::new();
    for (indices @ (i, j), item) in entries {
        if !given.insert(indices) {
            let headline = format!("`{}` is given twice", brief(&item.name));
            return Err(Diagnostic::at(item.span, headline)
                .help("a file holds one tableau: split this one"));
        }
        let row = if is_matrix { i - base } else { 0 };
        rows[row][j - base] = item.value.clone()?;
    }
    let mut lists = rows.into_iter().map(|row| Value::array(row, place));
    let value = match lists.next() {
        Some(row) if !is_matrix => row,
        first => Value::array(first.into_iter().chain(lists).collect(), place),
    };
    let mut item = Item::new(stem.to_owned(), place, Ok(value));
    item.scope = scope;
    Ok(item)
}
