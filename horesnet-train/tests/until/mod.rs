//! A training that is stopped on the way.

use horesnet_train::Progress;

/// Ends a training after so many steps.
pub(crate) struct Until(pub(crate) usize);

impl Progress for Until {
    fn stops(&mut self) -> bool {
        self.0 = self.0.saturating_sub(1);
        self.0 == 0
    }
}
