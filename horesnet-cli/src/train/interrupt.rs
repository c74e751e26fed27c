//! Ctrl-C, or a request to end from the system: the first asks training to end after its step, the second ends the program.

use std::error::Error;
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::SIGTERM;
use signal_hook::flag;

use super::INTERRUPTED;
use crate::report;

/// Whether Ctrl-C has been pressed, or the system has asked the program to end.
#[derive(Clone, Debug)]
pub(crate) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Listens from now on.
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

    pub(crate) fn is_pressed(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
