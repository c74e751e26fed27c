//! The shortcut around a change of shape, without weights: every second pixel, padded with channels of zeros.

use candle_core::{Result, Tensor};

use crate::network::parts::transition::windows2x2;

/// Option A of He et al. (arXiv 1512.03385, §4.2), with half of the new channels before the old ones and half behind, as in
/// the published HO-ResNet code.
pub(super) struct Shortcut {
    pub(super) from: usize,
    pub(super) to: usize,
}

impl Shortcut {
    /// `[batch, height, width, from]` to `[batch, ⌈height/2⌉, ⌈width/2⌉, to]`.
    pub(super) fn apply(&self, xs: &Tensor) -> Result<Tensor> {
        let first = windows2x2(xs)?.narrow(4, 0, 1)?.narrow(2, 0, 1)?;
        let second = first.contiguous()?.squeeze(4)?.squeeze(2)?;
        let new = self.to.saturating_sub(self.from);
        second.pad_with_zeros(3, new / 2, new - new / 2)
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Result, Tensor};

    use super::Shortcut;

    #[test]
    fn every_second_pixel_between_channels_of_zeros() -> Result<()> {
        let xs = Tensor::arange(1.0, 16.0, &Device::Cpu)?.reshape((1, 3, 5, 1))?;
        let ys = Shortcut { from: 1, to: 3 }.apply(&xs)?;
        assert_eq!(ys.dims(), [1, 2, 3, 3]);
        let kept = ys.narrow(3, 1, 1)?.flatten_all()?.to_vec1::<f64>()?;
        assert_eq!(kept, [1.0, 3.0, 5.0, 11.0, 13.0, 15.0]);
        assert_eq!(ys.sum_all()?.to_scalar::<f64>()?, 48.0);
        Ok(())
    }
}
