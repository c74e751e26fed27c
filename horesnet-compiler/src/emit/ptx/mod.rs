//! GPU kernels for combinations, as PTX 6.0 text for `sm_70`: every driver since CUDA 9 accepts it.
//! One kernel per dtype and number of operands; coefficients are parameters, since they change in training.
//! It must not know of schemes or launches.

mod element;
mod lines;

pub use element::Element;

use crate::plan::Plan;
use lines::Lines;

/// The most operands of one kernel. Sums of more take several launches, one per pass.
pub const MAX_OPERANDS: usize = 16;

/// The number of threads in a block, for which the kernels are compiled.
pub const THREADS: usize = 256;

/// Bytes of a vector load.
const VECTOR: usize = 16;

/// A kernel and what is needed to launch it.
///
/// Its parameters are the number of elements and the address of the result, both 64 bits wide, and for each operand its
/// address and its coefficient, in the type of the sums. Launch it in blocks of [`THREADS`], as many as
/// [`blocks`](Self::blocks) says. The result must not overlap an operand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kernel {
    /// The type of the elements.
    pub element: Element,
    /// The number of operands it sums.
    pub operands: usize,
    /// The function to call.
    pub entry: String,
    /// A name for the module, unique to its text.
    pub module: String,
    /// The module's text.
    pub text: String,
}

impl Kernel {
    /// The kernel for sums of `operands` operands, 1 to [`MAX_OPERANDS`]; `None` for other numbers.
    ///
    /// ```
    /// use horesnet_compiler::emit::ptx::{Element, Kernel};
    ///
    /// let kernel = Kernel::new(Element::F32, 2).unwrap();
    /// assert_eq!(kernel.entry, "combination_f32_2");
    /// assert!(kernel.text.contains(".target sm_70"));
    /// assert_eq!(kernel.blocks(1025), 2); // 256 threads of 4 elements, and one more element
    /// ```
    #[must_use]
    pub fn new(element: Element, operands: usize) -> Option<Self> {
        if !(1..=MAX_OPERANDS).contains(&operands) {
            return None;
        }
        let entry = format!("combination_{}_{operands}", element.name());
        let text = text(element, operands, &entry);
        Some(Self {
            element,
            operands,
            module: format!("horesnet_{:016x}", fingerprint(&text)),
            entry,
            text,
        })
    }

    /// All kernels for elements of a type.
    pub fn all(element: Element) -> impl Iterator<Item = Self> {
        (1..=MAX_OPERANDS).filter_map(move |operands| Self::new(element, operands))
    }

    /// The kernels that the combinations of a plan call in the forward pass, fewest operands first.
    ///
    /// A combination of more than [`MAX_OPERANDS`] operands calls the kernel with the most, and another.
    #[must_use]
    pub fn of_plan(plan: &Plan, element: Element) -> Vec<Self> {
        let stages = plan.all_stages().map(|stage| stage.terms.len());
        let estimate = plan.estimate.iter().map(|estimate| estimate.weights.len());
        // The input is an operand of its own, except in the estimate of the error.
        let sums = stages.chain([plan.weights.len()]).map(|terms| terms + 1);
        let mut operands: Vec<usize> = sums
            .filter(|operands| *operands > 1)
            .chain(estimate)
            .flat_map(passes)
            .collect();
        operands.sort_unstable();
        operands.dedup();
        let kernels = operands.into_iter();
        kernels
            .filter_map(|operands| Self::new(element, operands))
            .collect()
    }

    /// The number of blocks that compute `len` elements.
    #[must_use]
    pub fn blocks(&self, len: usize) -> usize {
        len.div_ceil(THREADS * self.element.lanes())
    }
}

/// The number of operands in each pass of a sum of `operands` operands.
///
/// The sum so far is the first operand of each pass after the first.
///
/// ```
/// use horesnet_compiler::emit::ptx::passes;
///
/// assert_eq!(passes(5), [5]);
/// assert_eq!(passes(20), [16, 5]);
/// ```
#[must_use]
pub fn passes(mut operands: usize) -> Vec<usize> {
    let mut passes = Vec::new();
    while operands > MAX_OPERANDS {
        passes.push(MAX_OPERANDS);
        operands -= MAX_OPERANDS - 1;
    }
    passes.push(operands);
    passes
}

/// The 64-bit FNV-1a hash of Fowler, Noll and Vo.
fn fingerprint(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn text(element: Element, operands: usize, entry: &str) -> String {
    let (lanes, sum) = (element.lanes(), element.sum());
    let mut to = Lines::default();
    let formula: Vec<_> = (0..operands).map(|j| format!("c{j}*k{j}[i]")).collect();
    to.note(&format!(
        "out[i] = {} for len elements of {}.",
        formula.join(" + "),
        element.name()
    ));
    to.note("");
    to.note(&format!(
        "A thread computes {lanes} elements with {VECTOR}-byte loads, or one by one where fewer are left or an address is",
    ));
    to.note(&format!(
        "not a multiple of {VECTOR}. Products and sums are rounded one by one in {sum}, from left to right, as on the CPU.",
    ));
    to.raw(".version 6.0");
    to.raw(".target sm_70");
    to.raw(".address_size 64");
    to.raw("");
    to.raw(&format!(".visible .entry {entry}("));
    to.line(".param .u64 len,");
    to.line(".param .u64 out,");
    for j in 0..operands {
        let end = if j + 1 < operands { "," } else { "" };
        to.line(&format!(".param .u64 k{j},"));
        to.line(&format!(".param .{sum} c{j}{end}"));
    }
    to.raw(")");
    to.raw(&format!(".maxntid {THREADS}, 1, 1"));
    to.raw("{");
    registers(element, &mut to);
    place(element, &mut to);
    whole(element, operands, &mut to);
    singly(element, operands, &mut to);
    to.raw("}");
    to.finish()
}

fn registers(element: Element, to: &mut Lines) {
    let (lanes, sum) = (element.lanes(), element.sum());
    to.line(".reg .pred %yes;");
    to.line(".reg .b32 %block, %threads, %thread;");
    to.line(".reg .b64 %first, %left, %offset, %address, %low;");
    to.line(&format!(".reg .{sum} %c, %k<{lanes}>, %sum<{lanes}>;"));
    element.registers(to);
}

/// Computes the offset of a thread's elements, and how many are left, from the number of the thread.
fn place(element: Element, to: &mut Lines) {
    to.comment("The first element of this thread, and how many are left from there on.");
    to.line("mov.u32 %block, %ctaid.x;");
    to.line("mov.u32 %threads, %ntid.x;");
    to.line("mov.u32 %thread, %tid.x;");
    to.line("cvt.u64.u32 %first, %thread;");
    to.line("mad.wide.u32 %first, %block, %threads, %first;");
    let lanes = element.lanes();
    to.line(&format!("shl.b64 %first, %first, {};", lanes.ilog2()));
    to.line("ld.param.u64 %left, [len];");
    to.line("setp.ge.u64 %yes, %first, %left;");
    to.line("@%yes ret;");
    to.line("sub.u64 %left, %left, %first;");
    let bytes = element.bytes();
    to.line(&format!("shl.b64 %offset, %first, {};", bytes.ilog2()));
}

/// Sums all elements of a thread at once.
fn whole(element: Element, operands: usize, to: &mut Lines) {
    let lanes = element.lanes();
    to.comment(&format!(
        "Fewer than {lanes}, or an address that is not a multiple of {VECTOR}?"
    ));
    to.line(&format!("setp.lt.u64 %yes, %left, {lanes};"));
    to.line("@%yes bra SINGLY;");
    to.line("ld.param.u64 %low, [out];");
    for j in 0..operands {
        to.line(&format!("ld.param.u64 %address, [k{j}];"));
        to.line("or.b64 %low, %low, %address;");
    }
    to.line(&format!("and.b64 %low, %low, {};", VECTOR - 1));
    to.line("setp.ne.u64 %yes, %low, 0;");
    to.line("@%yes bra SINGLY;");
    for j in 0..operands {
        address(&format!("k{j}"), to);
        element.load(to);
        accumulate(element, j, lanes, to);
    }
    address("out", to);
    element.store(to);
    to.line("ret;");
}

/// Sums the elements of a thread one after the other.
fn singly(element: Element, operands: usize, to: &mut Lines) {
    to.raw("");
    to.raw("SINGLY:");
    to.line(&format!("min.u64 %left, %left, {};", element.lanes()));
    to.raw("NEXT:");
    for j in 0..operands {
        address(&format!("k{j}"), to);
        element.load_one(to);
        accumulate(element, j, 1, to);
    }
    address("out", to);
    element.store_one(to);
    to.line(&format!("add.u64 %offset, %offset, {};", element.bytes()));
    to.line("sub.u64 %left, %left, 1;");
    to.line("setp.ne.u64 %yes, %left, 0;");
    to.line("@%yes bra NEXT;");
    to.line("ret;");
}

/// Sets `%address` to the address of this thread's elements of a tensor.
fn address(of: &str, to: &mut Lines) {
    to.comment(of);
    to.line(&format!("ld.param.u64 %address, [{of}];"));
    to.line("cvta.to.global.u64 %address, %address;");
    to.line("add.u64 %address, %address, %offset;");
}

/// Adds the `j`-th coefficient times the first `lanes` loaded numbers to the sums. The first operand starts the sums.
fn accumulate(element: Element, j: usize, lanes: usize, to: &mut Lines) {
    let sum = element.sum();
    to.line(&format!("ld.param.{sum} %c, [c{j}];"));
    for lane in 0..lanes {
        if j == 0 {
            to.line(&format!("mul.rn.{sum} %sum{lane}, %c, %k{lane};"));
        } else {
            to.line(&format!("mul.rn.{sum} %k{lane}, %c, %k{lane};"));
            to.line(&format!("add.rn.{sum} %sum{lane}, %sum{lane}, %k{lane};"));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{Element, Kernel, MAX_OPERANDS, passes};
    use crate::library;

    #[test]
    fn no_two_kernels_share_a_name() {
        let kernels: Vec<Kernel> = Element::ALL.into_iter().flat_map(Kernel::all).collect();
        assert_eq!(kernels.len(), 4 * MAX_OPERANDS);
        let modules: HashSet<_> = kernels.iter().map(|kernel| &kernel.module).collect();
        let entries: HashSet<_> = kernels.iter().map(|kernel| &kernel.entry).collect();
        assert_eq!(
            (modules.len(), entries.len()),
            (kernels.len(), kernels.len())
        );
    }

    #[test]
    fn there_is_none_for_no_operand_and_for_too_many() {
        assert_eq!(Kernel::new(Element::F32, 0), None);
        assert_eq!(Kernel::new(Element::F32, MAX_OPERANDS + 1), None);
    }

    #[test]
    fn passes_read_every_operand_once() {
        for operands in 1..200 {
            let passes = passes(operands);
            assert!(passes.iter().all(|pass| (1..=MAX_OPERANDS).contains(pass)));
            assert_eq!(passes.iter().sum::<usize>() - (passes.len() - 1), operands);
        }
    }

    #[test]
    fn a_plan_names_the_kernels_of_its_combinations() {
        let operands = |name: &str| {
            let scheme = crate::compile(library::find(name).expect(name).text).expect(name);
            let kernels = Kernel::of_plan(&scheme.plan, Element::F32);
            kernels
                .iter()
                .map(|kernel| kernel.operands)
                .collect::<Vec<_>>()
        };
        assert_eq!(operands("euler"), [2]);
        assert_eq!(operands("rk4"), [2, 5]);
        // Stages with 1, 2 and 3 earlier ones, 3 weights, and an estimate of 4 stages.
        assert_eq!(operands("bogacki_shampine3"), [2, 4]);
        // 30 stages in the weights and the input: in two passes.
        assert!(operands("feagin14").contains(&16));
    }
}
