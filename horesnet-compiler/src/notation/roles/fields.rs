//! The parts of a program: arrays that belong together, and the texts and claims that describe them.

use super::Program;
use super::array::Array;
use super::choice::Part;
use crate::language::diagnostic::Diagnostic;
use crate::language::document::Document;
use crate::notation::field::{Field, Role, field, role, short, weights_names};
use crate::notation::parts::claim;
use crate::notation::program::Item;
use crate::notation::value::{Value, brief};

/// Splits the arrays by class, function or structure, if names repeat; otherwise all belong together.
pub(super) fn split(program: &Program, arrays: &[Array]) -> Result<Vec<Part>, Diagnostic> {
    // Arrays of which others were made are none of the tableau, unless nothing else has their role.
    let kept = |(at, array): &(usize, &Array)| {
        let others = arrays.iter().enumerate().filter(|(other, _)| other != at);
        let later = |other: usize, array: &Array| {
            other > *at && array.name == arrays[*at].name && array.scope == arrays[*at].scope
        };
        let mut same = others.filter(|(other, array)| {
            array.hint() == arrays[*at].hint() && (!array.is_used || later(*other, array))
        });
        !array.is_used || (array.hint().is_some() && same.next().is_none())
    };
    let arrays: Vec<Array> = { arrays.iter().enumerate() }
        .filter(kept)
        .map(|(_, array)| array.clone())
        .collect();
    let arrays = without_affixes(arrays);
    let prefix = |name: &str| {
        name.rsplit_once('.')
            .map(|(prefix, _)| prefix.to_owned())
            .unwrap_or_default()
    };
    let key = |array: &Array| (array.scope, prefix(&array.name));
    let repeated = arrays.iter().enumerate().find(|(at, array)| {
        let named = !array.name.is_empty() && array.hint().is_some();
        named
            && arrays[..*at]
                .iter()
                .any(|other| short(&other.name) == short(&array.name) && !other.equals(array))
    });
    let mut parts: Vec<(_, Vec<Array>)> = Vec::new();
    let Some((_, twice)) = repeated else {
        let scope = arrays
            .iter()
            .find(|array| array.hint() == Some(Role::Matrix))
            .map(|array| array.scope);
        let unread = unread(program, scope, &arrays);
        return Ok(vec![Part {
            label: String::new(),
            arrays,
            unread,
        }]);
    };
    if twice.again {
        let headline = format!("{} is given twice", twice.shown());
        return Err(
            Diagnostic::at(twice.span, headline).help("a file holds one tableau: split this one")
        );
    }
    for array in arrays {
        let key = key(&array);
        match parts.iter_mut().find(|(other, _)| *other == key) {
            Some((_, part)) => part.push(array),
            None => parts.push((key, vec![array])),
        }
    }
    let has_matrix = |part: &&(_, Vec<Array>)| part.1.iter().any(|array| !array.is_vector);
    let parts = parts.iter().filter(has_matrix).enumerate();
    let parts = parts.map(|(at, ((scope, prefix), arrays))| Part {
        label: match scope
            .checked_sub(1)
            .and_then(|scope| program.scopes.get(scope))
        {
            _ if !prefix.is_empty() => prefix.clone(),
            Some(name) if !name.is_empty() => name.clone(),
            _ => format!("scheme {}", at + 1),
        },
        unread: unread(program, Some(*scope), arrays),
        arrays: arrays.clone(),
    });
    Ok(parts.collect())
}

/// Drops what all names begin or end with, if only the rest says something: `rk4a`, `rk4b`; `A_heun`, `b_heun`.
fn without_affixes(mut arrays: Vec<Array>) -> Vec<Array> {
    let names: Vec<_> = arrays.iter().map(|array| array.name.clone()).collect();
    let Some(first) = names
        .first()
        .filter(|_| names.len() > 1 && arrays.iter().all(|array| array.hint().is_none()))
    else {
        return arrays;
    };
    let common = |same: &dyn Fn(&str, &str) -> bool, part: &dyn Fn(usize) -> Option<String>| {
        let lengths = (1..first.len()).rev();
        { lengths }
            .filter_map(part)
            .find(|affix| names.iter().all(|name| same(name, affix)))
            .unwrap_or_default()
    };
    let head = common(&|name, affix| name.starts_with(affix), &|length| {
        first.get(..length).map(str::to_owned)
    });
    let tail = common(&|name, affix| name.ends_with(affix), &|length| {
        first.get(first.len() - length..).map(str::to_owned)
    });
    for (array, name) in arrays.iter_mut().zip(&names) {
        let rest = name.strip_prefix(head.as_str()).unwrap_or(name);
        let rest = rest.strip_suffix(tail.as_str()).unwrap_or(rest);
        if role(rest).is_some() {
            rest.clone_into(&mut array.name);
        }
    }
    arrays
}

/// Values that could not be read and have the name of a part, or begin like an array.
fn unread(program: &Program, scope: Option<usize>, arrays: &[Array]) -> Vec<(Item, Diagnostic)> {
    let items = program
        .items
        .iter()
        .filter(|item| scope.is_none_or(|scope| scope == item.scope || item.scope == 0));
    let unread = items.filter_map(|item| Some((item, item.value.as_ref().err()?)));
    let wanted = |item: &Item| {
        let named = role(&item.name).is_some();
        item.is_lost || (named && !arrays.iter().any(|array| array.name == item.name))
    };
    unread
        .filter(|(item, _)| wanted(item))
        .map(|(item, problem)| (item.clone(), problem.clone()))
        .collect()
}

/// Puts names, sources and claims into a document.
pub(super) fn describe(
    document: &mut Document,
    program: &Program,
    several: bool,
) -> Result<(), Diagnostic> {
    for item in &program.items {
        let Ok(value) = &item.value else {
            continue;
        };
        let Some(kind) = field(&item.name)
            .filter(|_| !several || matches!(field(&item.name), Some(Field::Rounded)))
        else {
            continue;
        };
        match (kind, value.clone()) {
            (_, Value::Null(_)) => {}
            // Programs call many things `name` and `cite`.
            (Field::Name, Value::Text(text)) => document.name = Some(text),
            (Field::Documentation, value) => {
                for text in value.into_texts()? {
                    // A comment line has no line ends and no surrounding white space.
                    let lines = text.split(['\n', '\r']).map(|line| line.trim().to_owned());
                    document.head.extend(lines);
                }
            }
            (Field::Citations, value) => document.citations = value.into_texts()?,
            (Field::Rounded, value) => document.rounded = Some(value.into_number()?),
            (Field::Order(row), value) => {
                let order = value.into_number()?;
                let claim = claim(order.value.integer().unwrap_or_default(), order.span)?;
                let (needed, name) = weights_names(row);
                let without =
                    || Diagnostic::at(order.span, format!("`{name}` is given without `{needed}`"));
                document.weights.get_mut(row).ok_or_else(without)?.claim = Some(claim);
            }
            (Field::Name, _) => {}
        }
    }
    Ok(())
}

/// Functions that were taken for conversions of their argument, and are not known as such.
pub(super) fn unusual(conversions: &[String]) -> Option<String> {
    const KNOWN: &[&str] = &[
        "array",
        "asarray",
        "Array",
        "matrix",
        "Matrix",
        "list",
        "tuple",
        "vec",
        "collect",
        "big",
        "BigInt",
        "BigFloat",
        "Float64",
        "float",
        "Float32",
        "double",
        "S",
        "sympify",
        "Rational",
        "Fraction",
        "Decimal",
        "mpf",
        "mpq",
        "float64",
        "longdouble",
        "tensor",
        "as_tensor",
        "T",
        "RCONST",
        "SUN_RCONST",
        "real",
        "dble",
        "Number",
        "from",
        "from_vec",
        "new",
        "arr1",
        "arr2",
        "nsimplify",
    ];
    if conversions.iter().any(|name| name == "//") {
        return Some("`//` taken for a quotient, as in Julia".to_owned());
    }
    let unknown: Vec<_> = conversions
        .iter()
        .filter(|name| !KNOWN.contains(&name.as_str()))
        .collect();
    let names: Vec<_> = unknown
        .iter()
        .take(8)
        .map(|name| format!("{}(…)", brief(name)))
        .collect();
    (!names.is_empty()).then(|| {
        format!(
            "{} taken for {} argument{}",
            names.join(", "),
            if names.len() > 1 { "their" } else { "its" },
            if names.len() > 1 { "s" } else { "" }
        )
    })
}
