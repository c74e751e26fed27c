//! Arrays that belong together: those of a class, function or structure, if their names repeat.

use super::Program;
use super::array::Array;
use super::problem::outside;
use crate::language::diagnostic::Diagnostic;
use crate::notation::field::{Role, folded, marked, role};

/// The longest mark beside a role in a name.
const LONGEST: usize = 64;

/// The arrays of a scheme or of a pair, with the name of their structure, class or function.
pub(super) struct Group {
    pub(super) label: Option<String>,
    pub(super) arrays: Vec<Array>,
}

/// Splits the arrays by class, function or structure, if names repeat; otherwise all belong together.
pub(super) fn groups(program: &Program, arrays: &[Array]) -> Result<Vec<Group>, Diagnostic> {
    let mut arrays = unused(arrays);
    tell_by_marks(&mut arrays);
    if !is_repeated(&arrays)? {
        let matrix = arrays.iter().find(|array| array.hint == Some(Role::Matrix));
        expect_read(program, matrix.map(|array| array.scope), &arrays)?;
        let label = None;
        return Ok(vec![Group { label, arrays }]);
    }
    let mut groups: Vec<Group> = Vec::new();
    for array in arrays {
        let same = |group: &&mut Group| place(&group.arrays[0]) == place(&array);
        if let Some(group) = groups.iter_mut().find(same) {
            group.arrays.push(array);
            continue;
        }
        let (scope, prefix) = place(&array);
        let scopes = program.scopes.iter().map(String::as_str);
        let names = [Some(prefix), std::iter::once("").chain(scopes).nth(scope)];
        let name = names.into_iter().flatten().find(|name| !name.is_empty());
        let number = || format!("scheme {}", groups.len() + 1);
        groups.push(Group {
            label: Some(name.map_or_else(number, str::to_owned)),
            arrays: vec![array],
        });
    }
    for Group { arrays, .. } in &groups {
        let is_matrix = |array: &Array| !array.is_vector || array.hint == Some(Role::Matrix);
        if !arrays.iter().any(is_matrix) {
            return Err(outside(&arrays[0]));
        }
        expect_read(program, Some(arrays[0].scope), arrays)?;
    }
    Ok(groups)
}

/// The scope of an array, and the structure that it belongs to.
fn place(array: &Array) -> (usize, &str) {
    let prefix = array.name.rsplit_once('.').map_or("", |(prefix, _)| prefix);
    (array.scope, prefix)
}

/// Drops arrays of which others were made, unless nothing else has their role.
fn unused(arrays: &[Array]) -> Vec<Array> {
    let is_kept = |(at, array): &(usize, &Array)| {
        let replaces = |(other, found): (usize, &Array)| {
            let is_same_name = found.name == array.name && found.scope == array.scope;
            let replaces = if is_same_name {
                other > *at
            } else {
                !found.is_used
            };
            other != *at && found.hint == array.hint && replaces
        };
        !array.is_used || (array.hint.is_some() && !arrays.iter().enumerate().any(replaces))
    };
    let kept = arrays.iter().enumerate().filter(is_kept);
    kept.map(|(_, array)| array.clone()).collect()
}

/// Returns true if a name is given several times with different numbers, in places of their own.
fn is_repeated(arrays: &[Array]) -> Result<bool, Diagnostic> {
    let mut is_repeated = false;
    let named = arrays.iter().enumerate();
    for (at, array) in named.filter(|(_, array)| array.hint.is_some()) {
        let is_other = |other: &&Array| other.short() == array.short() && !other.equals(array);
        let others = arrays[..at].iter().filter(|_| !array.name.is_empty());
        for other in others.filter(is_other) {
            is_repeated = true;
            if place(other) == place(array) {
                let headline = format!("{} is given twice", array.shown());
                let help = "a file holds one tableau: split this one";
                return Err(Diagnostic::at(array.span, headline).help(help));
            }
        }
    }
    Ok(is_repeated)
}

/// Finds roles beside a mark that all names share, if no name tells one: `rk4a`, `rk4b`; `A_heun`, `b_heun`.
fn tell_by_marks(arrays: &mut [Array]) {
    let names: Vec<_> = arrays.iter().map(|array| folded(&array.name)).collect();
    if names.len() < 2 || arrays.iter().any(|array| array.hint.is_some()) {
        return;
    }
    let places = names[0].char_indices().take(LONGEST);
    let ends = places.flat_map(|(at, _)| [&names[0][..at], &names[0][at..]]);
    let is_shared = |end: &&str| {
        let mut all = names.iter();
        all.all(|name| name.starts_with(end)) || names.iter().all(|name| name.ends_with(end))
    };
    let told = |end: &str| -> Vec<_> { names.iter().map(|name| marked(name, end)).collect() };
    let best = ends.filter(is_shared).map(told);
    let best = best.max_by_key(|roles| roles.iter().flatten().count());
    for (array, role) in arrays.iter_mut().zip(best.unwrap_or_default()) {
        array.hint = role;
    }
}

/// Refuses lists that may have changed, and values that could not be read and have the name of a part. Sums of rows are the
/// nodes anyway.
fn expect_read(
    program: &Program,
    scope: Option<usize>,
    arrays: &[Array],
) -> Result<(), Diagnostic> {
    for item in &program.items {
        let is_near = scope.is_none_or(|scope| scope == item.scope || item.scope == 0);
        let is_read = arrays.iter().any(|array| array.name == item.name);
        let is_part = match role(&item.name) {
            Some(Role::Nodes) => !item.sums,
            role => role.is_some(),
        };
        if is_near && (item.is_lost || (is_part && !is_read)) {
            item.value.as_ref().map_err(Clone::clone)?;
        }
    }
    Ok(())
}
