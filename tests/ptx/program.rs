//! Parses the text of a kernel. Anything it does not understand is an error.

use std::collections::HashMap;

/// A kernel in the form that the interpreter runs.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) entry: String,
    /// Names and bytes, in the order in which a launch passes them.
    pub(crate) parameters: Vec<(String, usize)>,
    /// Bytes of each register; predicates have none.
    pub(crate) registers: Vec<usize>,
    pub(crate) code: Vec<Instruction>,
}

#[derive(Debug)]
pub(crate) struct Instruction {
    /// The text, for messages.
    pub(crate) text: String,
    /// The predicate that must hold.
    pub(crate) guard: Option<usize>,
    /// Such as `ld.param.u64`.
    pub(crate) name: String,
    pub(crate) operands: Vec<Operand>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Operand {
    Register(usize),
    /// `%tid.x` and its like.
    Special(String),
    Number(u64),
    /// `{%a, %b}`
    Vector(Vec<usize>),
    /// `[name]` of a parameter.
    Parameter(usize),
    /// `[%register]`
    Memory(usize),
    /// The index of the instruction to continue at.
    Label(usize),
}

pub(crate) fn parse(text: &str) -> Result<Program, String> {
    let code = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or(""));
    let code = code.collect::<Vec<_>>().join("\n");
    let (head, rest) = code.split_once('(').ok_or("no list of parameters")?;
    let (parameters, rest) = rest.split_once(')').ok_or("an open list of parameters")?;
    let (_, body) = rest.split_once('{').ok_or("no body")?;
    let body = body.trim_end().strip_suffix('}').ok_or("an open body")?;
    let entry = head.split_whitespace().last().ok_or("no name")?;
    let parameters =
        parameters
            .split(',')
            .map(|line| match *line.split_whitespace().collect::<Vec<_>>() {
                [".param", kind, name] => Ok((name.to_owned(), bytes(kind)?)),
                _ => Err(format!("parameter `{line}`")),
            });
    let parameters = parameters.collect::<Result<Vec<_>, _>>()?;
    let mut names = HashMap::new();
    let mut registers = Vec::new();
    let mut labels = HashMap::new();
    let mut lines = Vec::new();
    for line in body.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(label) = line.strip_suffix(':') {
            labels.insert(label.to_owned(), lines.len());
        } else if let Some(declared) = line.strip_prefix(".reg ") {
            declare(declared, &mut names, &mut registers)?;
        } else {
            lines.push(line);
        }
    }
    let scope = Scope {
        parameters: &parameters,
        names,
        labels,
    };
    let code = lines.into_iter().map(|line| scope.instruction(line));
    Ok(Program {
        entry: entry.to_owned(),
        code: code.collect::<Result<_, _>>()?,
        parameters,
        registers,
    })
}

fn bytes(kind: &str) -> Result<usize, String> {
    match kind {
        ".pred" => Ok(0),
        ".b16" => Ok(2),
        ".b32" | ".u32" | ".f32" => Ok(4),
        ".b64" | ".u64" | ".f64" => Ok(8),
        _ => Err(format!("the type {kind}")),
    }
}

/// `.b32 %a, %b<4>;`
fn declare(
    declared: &str,
    names: &mut HashMap<String, usize>,
    registers: &mut Vec<usize>,
) -> Result<(), String> {
    let line = declared.strip_suffix(';').ok_or("a line without `;`")?;
    let (kind, list) = line.split_once(' ').ok_or("registers without a type")?;
    for name in list.split(',').map(str::trim) {
        let (stem, many) = match name.strip_suffix('>').and_then(|name| name.split_once('<')) {
            Some((stem, count)) => (stem, count.parse::<usize>().map_err(|e| e.to_string())?),
            None => (name, 0),
        };
        let all: Vec<String> = match many {
            0 => vec![stem.to_owned()],
            _ => (0..many).map(|i| format!("{stem}{i}")).collect(),
        };
        for name in all {
            if names.insert(name.clone(), registers.len()).is_some() {
                return Err(format!("{name} is declared twice"));
            }
            registers.push(bytes(kind)?);
        }
    }
    Ok(())
}

struct Scope<'a> {
    parameters: &'a [(String, usize)],
    names: HashMap<String, usize>,
    labels: HashMap<String, usize>,
}

impl Scope<'_> {
    fn instruction(&self, line: &str) -> Result<Instruction, String> {
        let text = line.strip_suffix(';');
        let text = text.ok_or_else(|| format!("`{line}` without `;`"))?;
        let (guard, rest) = match text.strip_prefix('@') {
            Some(guarded) => {
                let (predicate, rest) = guarded.split_once(' ').ok_or("a guard of nothing")?;
                (Some(self.register(predicate)?), rest)
            }
            None => (None, text),
        };
        let (name, operands) = rest.split_once(' ').unwrap_or((rest, ""));
        let operands = split(operands).into_iter().map(|text| self.operand(text));
        Ok(Instruction {
            text: line.to_owned(),
            guard,
            name: name.to_owned(),
            operands: operands.collect::<Result<_, _>>()?,
        })
    }

    fn register(&self, name: &str) -> Result<usize, String> {
        let register = self.names.get(name).copied();
        register.ok_or_else(|| format!("{name} is not declared"))
    }

    fn operand(&self, text: &str) -> Result<Operand, String> {
        if let Some(list) = text.strip_prefix('{') {
            let list = list.strip_suffix('}').ok_or("an open vector")?;
            let registers = list.split(',').map(|name| self.register(name.trim()));
            return Ok(Operand::Vector(registers.collect::<Result<_, _>>()?));
        }
        if let Some(inside) = text.strip_prefix('[') {
            let inside = inside.strip_suffix(']').ok_or("an open address")?;
            if inside.starts_with('%') {
                return Ok(Operand::Memory(self.register(inside)?));
            }
            let place = self.parameters.iter().position(|(name, _)| name == inside);
            let place = place.ok_or_else(|| format!("no parameter {inside}"))?;
            return Ok(Operand::Parameter(place));
        }
        if ["%tid.x", "%ntid.x", "%ctaid.x"].contains(&text) {
            return Ok(Operand::Special(text.to_owned()));
        }
        if text.starts_with('%') {
            return self.register(text).map(Operand::Register);
        }
        if let Some(&place) = self.labels.get(text) {
            return Ok(Operand::Label(place));
        }
        let number = match text.strip_prefix("0x") {
            Some(digits) => u64::from_str_radix(digits, 16),
            None => text.parse(),
        };
        number
            .map(Operand::Number)
            .map_err(|_| format!("the operand `{text}`"))
    }
}

/// Splits at commas outside of braces.
fn split(operands: &str) -> Vec<&str> {
    let (mut parts, mut start, mut inside) = (Vec::new(), 0, false);
    for (at, letter) in operands.char_indices() {
        match letter {
            '{' => inside = true,
            '}' => inside = false,
            ',' if !inside => {
                parts.push(operands[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(operands[start..].trim());
    parts.retain(|part| !part.is_empty());
    parts
}
