//! The geometry of resizing: which size a picture gets, and where its centre is cropped.
//!
//! As timm's evaluation transform, so that models mean the same by `crop_pct`.

/// Most pixels of a resized picture: long and thin ones are cropped first.
const MAX_RESIZED: u64 = 1 << 26;

/// Pixels of a picture that the bicubic filter needs beyond the visible ones, on both sides together.
const BORDER: u32 = 8;

/// The resizing of a picture, whose scale is a fraction.
pub(super) struct Fit {
    size: [u32; 2],
    to: f64,
    from: f64,
}

impl Fit {
    /// Scales `picture` (height and width) so that a centre of `size` takes `crop_pct` of the shorter side.
    pub(super) fn new(picture: [usize; 2], size: [usize; 2], crop_pct: f64) -> Self {
        let [height, width] = picture.map(|side| side as f64);
        let [high, wide] = size.map(|side| (side as f64 / crop_pct).floor());
        let (to, from) = if high / height > wide / width {
            (high, height)
        } else {
            (wide, width)
        };
        let size = size.map(|side| side as u32);
        Self { size, to, from }
    }

    /// Returns the size of the resized `picture`, at least that of the centre.
    pub(super) fn resized(&self, picture: [u32; 2]) -> [u32; 2] {
        // Squares are resized by torchvision, which truncates; others by timm, which rounds.
        let is_square = self.size[0] == self.size[1];
        let whole = |side: f64| {
            if is_square {
                side.floor()
            } else {
                side.round()
            }
        };
        let side = |axis: usize| {
            let exact = f64::from(picture[axis]) * self.to / self.from;
            (whole(exact) as u32).max(self.size[axis])
        };
        [side(0), side(1)]
    }

    /// Returns the size of the part of `picture` that will be visible, if the whole would be too large when resized.
    pub(super) fn visible(&self, picture: [u32; 2]) -> Option<[u32; 2]> {
        let [high, wide] = self.resized(picture).map(u64::from);
        let part = |axis: usize| {
            let visible = (f64::from(self.size[axis]) * self.from / self.to).ceil() as u32;
            let (part, whole) = (visible.saturating_add(BORDER), picture[axis]);
            // An even difference keeps the centre where it is.
            if part < whole {
                part + (whole - part) % 2
            } else {
                whole
            }
        };
        (high * wide > MAX_RESIZED).then(|| [part(0), part(1)])
    }

    /// Returns the offset of the centre in a resized picture.
    pub(super) fn offset(&self, resized: [u32; 2]) -> [u32; 2] {
        let offset = |axis: usize| {
            let outside = f64::from(resized[axis].saturating_sub(self.size[axis]));
            // As Python rounds.
            (outside / 2.0).round_ties_even() as u32
        };
        [offset(0), offset(1)]
    }
}
