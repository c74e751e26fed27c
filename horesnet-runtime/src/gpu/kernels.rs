//! The text of the kernels, as the compiler writes it.

/// A kernel that sums a number of operands.
pub(crate) struct Kernel {
    /// The function.
    pub(crate) entry: &'static str,
    /// The name of the module, which no other text has.
    pub(crate) module: &'static str,
    /// The module in PTX.
    pub(crate) text: &'static str,
    /// The elements that a block of threads forms.
    pub(crate) elements: usize,
}

/// Threads of a block.
pub(crate) const THREADS: u32 = horesnet_macros::threads!();

/// The kernels for one operand, two, and so on.
pub(crate) static F32: &[Kernel] = &horesnet_macros::kernels!(Kernel, f32);
pub(crate) static F64: &[Kernel] = &horesnet_macros::kernels!(Kernel, f64);
pub(crate) static BF16: &[Kernel] = &horesnet_macros::kernels!(Kernel, bf16);
pub(crate) static F16: &[Kernel] = &horesnet_macros::kernels!(Kernel, f16);
