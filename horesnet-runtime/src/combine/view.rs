//! Reading any layout in row-major order, a block at a time.
//!
//! Adjacent axes with matching strides are merged first, so a narrowed batch is one run, a broadcast scalar is one
//! repeated value, and only a true permutation is gathered element by element.

use candle_core::{Layout, Result, bail};

/// One tensor's elements, in the order in which an output of the same shape is written.
pub(crate) struct View<'a, T> {
    data: &'a [T],
    /// Outermost first; the last is the run. Never empty, no axis of length 0 or 1 unless it is the only one.
    axes: Vec<Axis>,
    offset: usize,
}

#[derive(Clone, Copy)]
struct Axis {
    len: usize,
    stride: usize,
}

impl<'a, T: Copy> View<'a, T> {
    /// Refuses a layout that reaches outside `data`, so that no read can.
    pub(crate) fn new(data: &'a [T], layout: &Layout) -> Result<Self> {
        let mut axes: Vec<Axis> = Vec::with_capacity(layout.dims().len().max(1));
        for (&len, &stride) in layout.dims().iter().zip(layout.stride()) {
            match axes.last_mut() {
                _ if len == 1 => {}
                Some(outer) if outer.stride == len * stride => {
                    outer.len *= len;
                    outer.stride = stride;
                }
                _ => axes.push(Axis { len, stride }),
            }
        }
        if axes.is_empty() {
            axes.push(Axis { len: 1, stride: 1 });
        }
        let offset = layout.start_offset();
        let last = axes.iter().fold(offset, |last, axis| {
            last + axis.len.saturating_sub(1) * axis.stride
        });
        let empty = axes.iter().any(|axis| axis.len == 0);
        if !empty && last >= data.len() {
            bail!(
                "a layout of shape {:?} reaches element {last} of a storage of {}",
                layout.shape(),
                data.len()
            )
        }
        Ok(Self { data, axes, offset })
    }

    /// The elements from the `start`-th on, in row-major order.
    pub(crate) fn cursor(&self, start: usize) -> Cursor<'_, T> {
        let mut at = self.offset;
        let mut rest = start;
        let mut index = vec![0; self.axes.len()];
        for (i, axis) in index.iter_mut().zip(&self.axes).rev() {
            // An axis of length 0 belongs to an empty tensor, from which nothing is read.
            let len = axis.len.max(1);
            *i = rest % len;
            rest /= len;
            at += *i * axis.stride;
        }
        Cursor {
            data: self.data,
            axes: &self.axes,
            index,
            at,
        }
    }
}

/// A position in a [`View`].
pub(crate) struct Cursor<'a, T> {
    data: &'a [T],
    axes: &'a [Axis],
    index: Vec<usize>,
    at: usize,
}

impl<'a, T: Copy> Cursor<'a, T> {
    /// The next `count` elements: in place if they are contiguous, otherwise gathered into `scratch`.
    pub(crate) fn next<'b>(&mut self, count: usize, scratch: &'b mut Vec<T>) -> &'b [T]
    where
        'a: 'b,
    {
        let from = self.at;
        if let [Axis { stride: 1, .. }] = self.axes {
            self.at += count;
            return &self.data[from..from + count];
        }
        scratch.resize(count, self.data[from]);
        self.gather(scratch);
        scratch
    }

    fn gather(&mut self, mut out: &mut [T]) {
        while !out.is_empty() {
            let [.., run] = self.axes else { return };
            let [.., column] = self.index.as_mut_slice() else {
                return;
            };
            let (head, tail) = out.split_at_mut(out.len().min(run.len - *column));
            match run.stride {
                0 => head.fill(self.data[self.at]),
                1 => head.copy_from_slice(&self.data[self.at..self.at + head.len()]),
                stride => {
                    let source = self.data[self.at..].iter().step_by(stride);
                    for (out, &value) in head.iter_mut().zip(source) {
                        *out = value;
                    }
                }
            }
            *column += head.len();
            self.at += head.len() * run.stride;
            out = tail;
            self.carry();
        }
    }

    /// Moves to the next row after the last element of one, like an odometer.
    fn carry(&mut self) {
        let mut outer = self.index.len() - 1;
        while outer > 0 && self.index[outer] == self.axes[outer].len {
            self.at -= self.index[outer] * self.axes[outer].stride;
            self.index[outer] = 0;
            outer -= 1;
            self.index[outer] += 1;
            self.at += self.axes[outer].stride;
        }
    }
}
