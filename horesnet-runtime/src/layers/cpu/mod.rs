//! Arithmetic of the layers on the CPU: slices in, slices out, compiled for several instruction sets.
//! `conv` splits a batch into chunks; `direct` and `winograd` convolve one chunk, on the products of `gemm`.
//! It must not know of tensors in a graph, of gradients between ops, or of layers.

/// Defines a function of an [`Isa`](crate::combine::Isa) and `$arg`s, whose body is compiled for each instruction set.
///
/// The body sees the constants `FUSED` and `ROWS` of [`Kernel`](crate::combine::Kernel).
macro_rules! kernel {
    (
        $(#[$doc:meta])*
        fn $name:ident<'a, T>($($arg:ident: $type:ty),* $(,)?) -> $output:ty $body:block
    ) => {
        $(#[$doc])*
        #[allow(clippy::too_many_arguments)] // They would be the fields of a hand-written kernel.
        pub(crate) fn $name<'a, T: $crate::layers::cpu::float::Float>(
            isa: $crate::combine::Isa,
            $($arg: $type),*
        ) -> $output {
            struct Body<'a, T> {
                $($arg: $type),*
            }

            impl<'a, T: $crate::layers::cpu::float::Float> $crate::combine::Kernel for Body<'a, T> {
                type Output = $output;

                #[inline(always)]
                fn run<const FUSED: bool, const ROWS: usize>(self) -> $output {
                    let Self { $($arg),* } = self;
                    $body
                }
            }

            isa.run(Body { $($arg),* })
        }
    };
}

pub(crate) mod conv;
pub(crate) mod float;
pub(crate) mod norm;
pub(crate) mod norm_stats;
pub(crate) mod permute;
pub(crate) mod stored;
pub(crate) mod window;

mod direct;
mod gemm;
mod pack;
mod winograd;

#[cfg(test)]
mod tests;

/// Length of a chunk of whole pixels that a thread works on at a time: 64 KiB of `f32`.
pub(crate) fn chunk_len(channels: usize) -> usize {
    channels * ((1 << 14) / channels.max(1)).max(1)
}
