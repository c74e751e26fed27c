//! Interprets a kernel on the CPU, one thread after the other, and stops at every error, also those a GPU would not report.

use half::f16;

use crate::memory::Memory;
use crate::program::{Instruction, Operand, Program};

/// The number of instructions after which a thread counts as hanging.
const PATIENCE: usize = 100_000;

/// The number of threads in a block.
const THREADS: u64 = horesnet_compiler::emit::ptx::THREADS as u64;

/// A launch of a kernel.
pub(crate) struct Launch<'a> {
    pub(crate) program: &'a Program,
    /// The bits of each parameter.
    pub(crate) arguments: Vec<u64>,
}

impl Launch<'_> {
    /// Runs all threads of `blocks` blocks.
    pub(crate) fn run(&self, blocks: u64, memory: &mut Memory) -> Result<(), String> {
        (0..blocks).try_for_each(|block| self.block(block, memory))
    }

    /// Runs all threads of one block.
    pub(crate) fn block(&self, block: u64, memory: &mut Memory) -> Result<(), String> {
        (0..THREADS).try_for_each(|thread| self.thread(block, thread, memory))
    }

    fn thread(&self, block: u64, thread: u64, memory: &mut Memory) -> Result<(), String> {
        if self.arguments.len() != self.program.parameters.len() {
            return Err("the number of arguments is not the number of parameters".to_owned());
        }
        let mut state = Thread {
            launch: self,
            block,
            number: thread,
            registers: vec![None; self.program.registers.len()],
            memory,
        };
        let mut at = 0;
        for _ in 0..PATIENCE {
            let Some(instruction) = self.program.code.get(at) else {
                return Err(format!(
                    "thread {thread} of block {block} runs past the end"
                ));
            };
            let next = state.step(instruction);
            let next = next.map_err(|what| {
                let text = &instruction.text;
                format!("{what}, in `{text}` of thread {thread} of block {block}")
            })?;
            match next {
                Next::Line => at += 1,
                Next::At(label) => at = label,
                Next::End => return Ok(()),
            }
        }
        Err(format!("thread {thread} of block {block} does not end"))
    }
}

struct Thread<'a, 'b> {
    launch: &'a Launch<'a>,
    block: u64,
    number: u64,
    /// Bits; a predicate is 0 or 1. `None` before the first write.
    registers: Vec<Option<u64>>,
    memory: &'b mut Memory,
}

enum Next {
    Line,
    At(usize),
    End,
}

impl Thread<'_, '_> {
    fn step(&mut self, instruction: &Instruction) -> Result<Next, String> {
        if let Some(guard) = instruction.guard
            && self.get(guard, 0)? == 0
        {
            return Ok(Next::Line);
        }
        let operands = instruction.operands.as_slice();
        match (instruction.name.as_str(), operands) {
            ("ret", []) => return Ok(Next::End),
            ("bra", [Operand::Label(place)]) => return Ok(Next::At(*place)),
            (name, operands) if name.starts_with("ld.global") || name.starts_with("st.global") => {
                self.access(name, operands)?;
            }
            ("mov.b32", [Operand::Vector(halves), from]) => {
                let value = self.value(from, 4)?;
                self.set_all(halves, 2, &[value & 0xffff, value >> 16])?;
            }
            ("mov.b32", [to, Operand::Vector(halves)]) => {
                let [low, high] = halves[..] else {
                    return Err("not two halves".to_owned());
                };
                let value = self.get(high, 2)? << 16 | self.get(low, 2)?;
                self.set(to, 4, value)?;
            }
            ("selp.b32", [to, yes, no, Operand::Register(predicate)]) => {
                let chosen = if self.get(*predicate, 0)? == 1 {
                    yes
                } else {
                    no
                };
                let value = self.value(chosen, 4)?;
                self.set(to, 4, value)?;
            }
            (name, [to, from @ ..]) => self.compute(name, to, from)?,
            (name, []) => return Err(format!("no instruction {name}")),
        }
        Ok(Next::Line)
    }

    /// Executes an instruction that computes one number from others.
    fn compute(&mut self, name: &str, to: &Operand, from: &[Operand]) -> Result<(), String> {
        let (out, sizes): (usize, &[usize]) = match name {
            "mov.u32" | "mov.b32" | "ld.param.f32" => (4, &[4]),
            "ld.param.u64" | "ld.param.f64" | "cvta.to.global.u64" => (8, &[8]),
            "cvt.u64.u32" => (8, &[4]),
            "cvt.u32.u16" | "cvt.f32.f16" => (4, &[2]),
            "cvt.u16.u32" | "cvt.rn.f16.f32" => (2, &[4]),
            "mad.wide.u32" => (8, &[4, 4, 8]),
            "shl.b64" => (8, &[8, 4]),
            "add.u64" | "sub.u64" | "min.u64" | "or.b64" | "and.b64" | "mul.rn.f64"
            | "add.rn.f64" => (8, &[8, 8]),
            "shl.b32" | "shr.u32" | "add.u32" | "or.b32" | "and.b32" | "mul.rn.f32"
            | "add.rn.f32" => (4, &[4, 4]),
            "setp.ge.u64" | "setp.gt.u64" | "setp.lt.u64" | "setp.ne.u64" => (0, &[8, 8]),
            "setp.nan.f32" => (0, &[4, 4]),
            _ => return Err(format!("no instruction {name}")),
        };
        if from.len() != sizes.len() {
            return Err(format!("{} operands", from.len()));
        }
        let values = from
            .iter()
            .zip(sizes)
            .map(|(from, size)| self.value(from, *size));
        let values: Vec<u64> = values.collect::<Result<_, _>>()?;
        let (a, b) = (values[0], values.get(1).copied().unwrap_or(0));
        let singles = || (f32::from_bits(a as u32), f32::from_bits(b as u32));
        let doubles = || (f64::from_bits(a), f64::from_bits(b));
        let single = |value: f32| u64::from(value.to_bits());
        let value = match name {
            "cvt.f32.f16" => single(f16::from_bits(a as u16).to_f32()),
            "cvt.rn.f16.f32" => u64::from(f16::from_f32(singles().0).to_bits()),
            "cvt.u16.u32" => a & 0xffff,
            "mad.wide.u32" => (a * b).wrapping_add(values[2]),
            "shl.b64" => a << b,
            "shl.b32" => a << b & 0xffff_ffff,
            "shr.u32" => a >> b,
            "add.u64" => a.wrapping_add(b),
            "add.u32" => u64::from((a as u32).wrapping_add(b as u32)),
            "sub.u64" => a.wrapping_sub(b),
            "min.u64" => a.min(b),
            "or.b64" | "or.b32" => a | b,
            "and.b64" | "and.b32" => a & b,
            "mul.rn.f32" => single(singles().0 * singles().1),
            "add.rn.f32" => single(singles().0 + singles().1),
            "mul.rn.f64" => (doubles().0 * doubles().1).to_bits(),
            "add.rn.f64" => (doubles().0 + doubles().1).to_bits(),
            "setp.ge.u64" => (a >= b).into(),
            "setp.gt.u64" => (a > b).into(),
            "setp.lt.u64" => (a < b).into(),
            "setp.ne.u64" => (a != b).into(),
            "setp.nan.f32" => (singles().0.is_nan() || singles().1.is_nan()).into(),
            _ => a,
        };
        self.set(to, out, value)
    }

    /// Executes a load or a store, such as `ld.global.nc.v4.f32` or `st.global.u16`.
    fn access(&mut self, name: &str, operands: &[Operand]) -> Result<(), String> {
        let shape = name
            .strip_prefix("ld.global.nc")
            .or(name.strip_prefix("st.global"));
        let (lanes, bytes) = match shape {
            Some(".v4.f32" | ".v4.b32") => (4, 4),
            Some(".v2.f64") => (2, 8),
            Some(".f32") => (1, 4),
            Some(".f64") => (1, 8),
            Some(".u16") => (1, 2),
            _ => return Err(format!("no instruction {name}")),
        };
        let (registers, address) = match operands {
            [registers, Operand::Memory(address)] | [Operand::Memory(address), registers] => {
                (registers, self.get(*address, 8)?)
            }
            _ => return Err("not registers and an address".to_owned()),
        };
        let registers = match registers {
            Operand::Vector(registers) => registers.clone(),
            Operand::Register(register) => vec![*register],
            _ => return Err("not registers".to_owned()),
        };
        if registers.len() != lanes {
            return Err(format!("{} registers", registers.len()));
        }
        if !address.is_multiple_of((lanes * bytes) as u64) {
            return Err(format!("the misaligned address {address:#x}"));
        }
        let addresses = (0..lanes).map(|lane| address + (lane * bytes) as u64);
        for (register, address) in registers.into_iter().zip(addresses) {
            if name.starts_with("ld") {
                let value = self.memory.read(address, bytes)?;
                self.set(&Operand::Register(register), bytes, value)?;
            } else {
                let value = self.get(register, bytes)?;
                self.memory.write(address, bytes, value)?;
            }
        }
        Ok(())
    }

    fn value(&self, operand: &Operand, bytes: usize) -> Result<u64, String> {
        match operand {
            Operand::Register(register) => self.get(*register, bytes),
            Operand::Number(number) => Ok(*number),
            Operand::Special(name) => Ok(match name.as_str() {
                "%tid.x" => self.number,
                "%ctaid.x" => self.block,
                _ => THREADS,
            }),
            Operand::Parameter(place) => {
                let (name, size) = &self.launch.program.parameters[*place];
                if *size != bytes {
                    return Err(format!("{name} has {size} bytes"));
                }
                Ok(self.launch.arguments[*place])
            }
            _ => Err("an operand of another kind".to_owned()),
        }
    }

    fn get(&self, register: usize, bytes: usize) -> Result<u64, String> {
        self.sized(register, bytes)?;
        self.registers[register].ok_or_else(|| "a register is read before it is written".to_owned())
    }

    fn set(&mut self, to: &Operand, bytes: usize, value: u64) -> Result<(), String> {
        let Operand::Register(register) = to else {
            return Err("a result that is no register".to_owned());
        };
        self.sized(*register, bytes)?;
        self.registers[*register] = Some(value);
        Ok(())
    }

    fn set_all(&mut self, to: &[usize], bytes: usize, values: &[u64]) -> Result<(), String> {
        if to.len() != values.len() {
            return Err(format!("{} registers", to.len()));
        }
        let mut pairs = to.iter().zip(values);
        pairs.try_for_each(|(to, value)| self.set(&Operand::Register(*to), bytes, *value))
    }

    fn sized(&self, register: usize, bytes: usize) -> Result<(), String> {
        let size = self.launch.program.registers[register];
        if size == bytes {
            return Ok(());
        }
        Err(format!(
            "expected a register of {bytes} bytes, found {size}"
        ))
    }
}
