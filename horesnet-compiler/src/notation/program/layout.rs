//! The shape of lists: transposes, rows and columns of flat lists, lists of one value.

use super::lexer::{Token, TokenKind};
use super::parser::Parser;
use super::{Parsed, unsupported};
use crate::language::diagnostic::{Diagnostic, Span};
use crate::notation::value::Value;

/// Exchanges rows and columns. A vector stays as it is.
pub(super) fn transposed(value: Value) -> Parsed {
    let columns = match &value {
        Value::List(rows, ..) if value.is_matrix() => rows.first().and_then(Value::len),
        _ => return Ok(value),
    };
    let Value::List(rows, span, kind) = value else {
        return Ok(value);
    };
    if columns.is_none() || rows.iter().any(|row| row.len() != columns) {
        return Err(unsupported(span, "transpose of rows that differ in length"));
    }
    let mut transposed = vec![Vec::new(); columns.unwrap_or(0)];
    for row in rows {
        if let Value::List(entries, ..) = row {
            let columns = transposed.iter_mut().zip(entries);
            columns.for_each(|(column, entry)| column.push(entry));
        }
    }
    let rows = transposed.into_iter();
    let rows = rows.map(|row| Value::List(row, span, kind));
    Ok(Value::List(rows.collect(), span, kind))
}

/// Repeats one value.
pub(super) fn filled(value: &Value, sizes: &[usize], span: Span) -> Value {
    match sizes {
        [] => value.clone(),
        [size, rest @ ..] => Value::array(vec![filled(value, rest, span); *size], span),
    }
}

impl Parser<'_> {
    /// Gives a flat list rows and columns, in the order in which the language stores matrices.
    pub(super) fn reshaped(&self, value: Value, sizes: &[usize], span: Span) -> Parsed {
        let Value::List(values, place, kind) = value else {
            return Err(unsupported(span, "reshape"));
        };
        let (rows, columns) = match sizes {
            [size] if *size == values.len() => return Ok(Value::List(values, place, kind)),
            [rows, columns] => (*rows, *columns),
            _ => (0, 0),
        };
        if rows * columns != values.len() || values.is_empty() || values.iter().any(Value::is_list)
        {
            let headline = format!(
                "a list of {} entries does not fit these sizes",
                values.len()
            );
            return Err(Diagnostic::at(span, headline));
        }
        let by_columns = self.dialect.is_column_major();
        let length = if by_columns { rows } else { columns };
        let list = |list: &[Value]| Value::List(list.to_vec(), place, kind);
        let lists = values.chunks(length).map(list);
        let matrix = Value::List(lists.collect(), place, kind);
        if by_columns {
            transposed(matrix)
        } else {
            Ok(matrix)
        }
    }

    /// `matrix(c(0, 0, 1, 0), nrow = 2, byrow = TRUE)` of R, whose arguments begin at a token.
    pub(super) fn matrix_of_r(&self, from: usize, mut values: Vec<Value>, span: Span) -> Parsed {
        let option = |name: &str| {
            let at =
                (from..self.at).find(|at| self.word(*at) == name && self.symbol(at + 1) == "=");
            at.map(|at| self.token_at(at + 2))
        };
        let size = |name: &str| match option(name)?.kind {
            TokenKind::Number(digits, _) => digits.parse::<usize>().ok(),
            _ => None,
        };
        let (rows, columns) = (size("nrow"), size("ncol"));
        let by_row = option("byrow").map_or("FALSE", Token::word);
        let length = values.first().and_then(Value::len).unwrap_or(0);
        let other = |size: Option<usize>| length.checked_div(size?);
        let (rows, columns) = (rows.or(other(columns)), columns.or(other(rows)));
        let (Some(rows), Some(columns), [value]) = (rows, columns, values.as_mut_slice()) else {
            return Err(unsupported(span, "matrix"));
        };
        let value = std::mem::replace(value, Value::Null(span));
        match by_row {
            "FALSE" | "F" => self.reshaped(value, &[rows, columns], span),
            "TRUE" | "T" => transposed(self.reshaped(value, &[columns, rows], span)?),
            _ => Err(unsupported(span, "matrix")),
        }
    }
}
