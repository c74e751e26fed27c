//! Ctrl-C and SIGTERM: the first stops training after the current step, the second ends the program at once.

use std::error::Error;
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::SIGTERM;
use signal_hook::flag;

use crate::report;

/// Exit code of a program ended by Ctrl-C: 128 plus the number of the signal.
pub(crate) const INTERRUPTED: u8 = 130;

/// A flag that Ctrl-C and SIGTERM set.
#[derive(Clone, Debug)]
pub(crate) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Installs the signal handlers.
    pub(crate) fn listen() -> Result<Self, Box<dyn Error>> {
        let pressed = Arc::new(AtomicBool::new(false));
        let interrupt = Self(Arc::clone(&pressed));
        // In this order: the second request finds that there was one.
        flag::register_conditional_shutdown(SIGTERM, INTERRUPTED.into(), Arc::clone(&pressed))?;
        flag::register(SIGTERM, Arc::clone(&pressed))?;
        ctrlc::set_handler(move || {
            if pressed.load(Ordering::Relaxed) {
                // Files are replaced as a whole: what is there is the last checkpoint or the new one.
                process::exit(INTERRUPTED.into());
            }
            report::note("stopping after this step; again to end at once");
            pressed.store(true, Ordering::Relaxed);
        })?;
        Ok(interrupt)
    }

    /// Returns true once a signal has arrived.
    pub(crate) fn is_pressed(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
