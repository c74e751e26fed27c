//! Where the threads of a micro-batch combine numbers: each waits until all have come.
//!
//! A thread that waits lets another compute, so no more compute at a time than there are threads in the pool, and each is
//! woken once a round. The main thread brings in the numbers of other processes, because it alone talks to them.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use candle_core::{Result, bail};
use horesnet::layers::Combine;
use horesnet::profile::trace;

use crate::cluster::{Communicator, Message, all_reduce};

/// The meeting point of the threads of this process.
pub(super) struct Rendezvous {
    state: Mutex<State>,
    /// Wakes the thread of each slot.
    wake: Vec<Condvar>,
    wake_main: Condvar,
    threads: usize,
}

struct State {
    /// The numbers of each slot of the tree, once its thread has come.
    slots: Vec<Option<Vec<f64>>>,
    /// Slots whose threads have come, in this order.
    arrived: Vec<usize>,
    result: Arc<Vec<f64>>,
    /// Numbers for other processes.
    outgoing: Option<(Vec<f64>, Combine)>,
    /// Slots whose threads can go on, and those that may.
    ready: VecDeque<usize>,
    may_run: Vec<bool>,
    /// How many more threads may compute.
    permits: usize,
    /// Threads that have not ended.
    running: usize,
    failed: bool,
}

/// Sends gradients while the threads compute.
pub(super) trait Early {
    /// All threads of all processes wait, and are about to go on.
    fn all_wait(&mut self);

    /// All threads go on.
    fn all_go_on(&mut self);

    /// Returns true if there are gradients that need not wait for a meeting.
    fn has_more(&self) -> bool;

    /// Sends those.
    fn send_more(&mut self);
}

/// No gradients.
impl Early for () {
    fn all_wait(&mut self) {}

    fn all_go_on(&mut self) {}

    fn has_more(&self) -> bool {
        false
    }

    fn send_more(&mut self) {}
}

/// The error of a thread whose result does not matter, because another has failed first.
pub(super) const OTHER_FAILED: &str = "another part of the batch has failed";

impl Rendezvous {
    /// For so many slots of the tree, of which some have threads; `permits` may compute at a time.
    pub(super) fn new(slots: usize, threads: usize, permits: usize) -> Self {
        Self {
            state: Mutex::new(State {
                slots: vec![None; slots],
                arrived: Vec::with_capacity(slots),
                result: Arc::default(),
                outgoing: None,
                ready: VecDeque::with_capacity(slots),
                may_run: vec![false; slots],
                permits: permits.max(1),
                running: threads,
                failed: false,
            }),
            wake: (0..slots).map(|_| Condvar::new()).collect(),
            wake_main: Condvar::new(),
            threads,
        }
    }

    /// Runs the part of a slot on this thread, when fewer than the permitted number run.
    pub(super) fn compute<T>(&self, slot: usize, compute: impl FnOnce() -> Result<T>) -> Result<T> {
        let mut running = Running {
            rendezvous: self,
            ended_well: false,
        };
        let mut state = self.lock();
        state.ready.push_back(slot);
        drop(self.run_when_permitted(state, slot));
        let computed = compute();
        running.ended_well = computed.is_ok();
        computed
    }

    /// Brings in the numbers of other processes until all threads have ended, and sends gradients meanwhile. On the main thread.
    pub(super) fn serve(&self, cluster: &dyn Communicator, early: &mut dyn Early) {
        let mut state = self.lock();
        loop {
            if let Some((own, combine)) = state.outgoing.take() {
                drop(state);
                let all = {
                    let _span = trace::communicate("statistics", None);
                    all_reduce(cluster, Message::Numbers(own), combine)
                };
                early.all_wait();
                state = self.lock();
                match all {
                    Message::Numbers(all) => self.publish(&mut state, all),
                    // The other processes have ended this batch already.
                    Message::Neutral | Message::End => self.fail(&mut state),
                }
                drop(state);
                early.all_go_on();
                state = self.lock();
            } else if state.running == 0 {
                return;
            } else if early.has_more() {
                drop(state);
                early.send_more();
                state = self.lock();
            } else {
                state = wait(&self.wake_main, state);
            }
        }
    }

    /// Tells the main thread of a gradient.
    pub(super) fn notify_main(&self) {
        // The main thread looks for gradients while it holds the state, so it either finds this one or waits already.
        drop(self.lock());
        self.wake_main.notify_one();
    }

    /// Combines the numbers of all slots, `own` of `slot` among them; with those of other processes unless `is_alone`.
    pub(super) fn combine(
        &self,
        slot: usize,
        own: Vec<f64>,
        combine: Combine,
        is_alone: bool,
    ) -> Result<Vec<f64>> {
        let mut state = self.lock();
        state.slots[slot] = Some(own);
        state.arrived.push(slot);
        state.may_run[slot] = false;
        state.permits += 1;
        if state.arrived.len() == self.threads {
            let numbers = tree(&mut state.slots, combine);
            if is_alone {
                self.publish(&mut state, numbers);
            } else {
                state.outgoing = Some((numbers, combine));
                self.wake_main.notify_one();
            }
        }
        let state = self.run_when_permitted(state, slot);
        if state.failed {
            bail!("{OTHER_FAILED}")
        }
        let result = Arc::clone(&state.result);
        drop(state);
        Ok(result.to_vec())
    }

    /// Waits until the thread of this slot may run, which it may at once after a failure.
    fn run_when_permitted<'a>(
        &'a self,
        mut state: MutexGuard<'a, State>,
        slot: usize,
    ) -> MutexGuard<'a, State> {
        self.dispatch(&mut state);
        while !state.may_run[slot] && !state.failed {
            state = wait(&self.wake[slot], state);
        }
        state
    }

    /// Lets threads run that can, as many as may.
    fn dispatch(&self, state: &mut State) {
        while state.permits > 0
            && let Some(slot) = state.ready.pop_front()
        {
            state.permits -= 1;
            state.may_run[slot] = true;
            self.wake[slot].notify_one();
        }
    }

    /// Ends a round. The thread that came last goes on first: it is awake.
    fn publish(&self, state: &mut State, numbers: Vec<f64>) {
        state.result = Arc::new(numbers);
        while let Some(slot) = state.arrived.pop() {
            state.ready.push_back(slot);
        }
        self.dispatch(state);
    }

    fn fail(&self, state: &mut State) {
        state.failed = true;
        for wake in &self.wake {
            wake.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn wait<'a>(wake: &Condvar, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
    wake.wait(state).unwrap_or_else(PoisonError::into_inner)
}

/// A thread that computes a part. When it ends without a result, even by a panic, so do the others.
struct Running<'a> {
    rendezvous: &'a Rendezvous,
    ended_well: bool,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let mut state = self.rendezvous.lock();
        state.running -= 1;
        state.permits += 1;
        if !self.ended_well {
            self.rendezvous.fail(&mut state);
        }
        self.rendezvous.dispatch(&mut state);
        if state.running == 0 {
            self.rendezvous.wake_main.notify_one();
        }
    }
}

/// Takes the numbers of all slots, a power of two, and combines them as a balanced binary tree; empty slots change nothing.
pub(super) fn tree(slots: &mut [Option<Vec<f64>>], combine: Combine) -> Vec<f64> {
    let mut width = 1;
    while width < slots.len() {
        for left in (0..slots.len()).step_by(2 * width) {
            let Some(right) = slots.get_mut(left + width).and_then(Option::take) else {
                continue;
            };
            match &mut slots[left] {
                Some(left) => combine(left, &right),
                empty => *empty = Some(right),
            }
        }
        width *= 2;
    }
    slots.first_mut().and_then(Option::take).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::mpsc::{Sender, channel};
    use std::thread;
    use std::time::Duration;

    use candle_core::{Result, bail};
    use horesnet::layers::BatchSync;

    use super::{Early, OTHER_FAILED, Rendezvous};
    use crate::cluster::Alone;
    use crate::training::parts::slot::{Gradients, Slot};

    /// Runs `part(slot, sync)` on a thread for each slot, two at a time.
    fn run(slots: usize, part: fn(usize, &Slot) -> Result<f64>) -> Vec<Result<f64>> {
        let rendezvous = Arc::new(Rendezvous::new(slots, slots, 2));
        let slot = |index| Slot {
            rendezvous: rendezvous.clone(),
            index,
            is_alone: true,
            is_apart: false,
            updates_statistics: false,
            gradients: Gradients::Keep,
        };
        thread::scope(|scope| {
            let spawn = |index| {
                let (slot, meeting) = (slot(index), rendezvous.clone());
                scope.spawn(move || meeting.compute(index, || part(index, &slot)))
            };
            let running: Vec<_> = (0..slots).map(spawn).collect();
            rendezvous.serve(&Alone, &mut ());
            running
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect()
        })
    }

    fn add(left: &mut [f64], right: &[f64]) {
        left[0] += right[0];
    }

    #[test]
    fn rounds_combine_the_numbers_of_all_slots() {
        let found = run(8, |index, slot| {
            let mut sum = index as f64;
            for _ in 0..3 {
                sum = slot.all_reduce(vec![sum], add)?[0];
            }
            Ok(sum)
        });
        assert!(
            found
                .into_iter()
                .all(|sum| sum.unwrap() == 28.0 * 8.0 * 8.0)
        );
    }

    #[test]
    fn all_end_when_one_fails() {
        let found = run(4, |index, slot| {
            if index == 2 {
                bail!("no memory")
            }
            Ok(slot.all_reduce(vec![1.0], add)?[0])
        });
        for (index, found) in found.into_iter().enumerate() {
            let expected = if index == 2 {
                "no memory"
            } else {
                OTHER_FAILED
            };
            assert!(found.unwrap_err().to_string().contains(expected));
        }
    }

    #[test]
    fn gradients_are_sent_before_the_threads_have_ended() {
        /// A gradient that the thread yields, and the way to tell it that the gradient is sent.
        struct Gradient<'a>(&'a AtomicBool, Sender<()>);

        impl Early for Gradient<'_> {
            fn all_wait(&mut self) {}

            fn all_go_on(&mut self) {}

            fn has_more(&self) -> bool {
                self.0.load(Ordering::SeqCst)
            }

            fn send_more(&mut self) {
                self.0.store(false, Ordering::SeqCst);
                self.1.send(()).unwrap();
            }
        }

        let (rendezvous, is_there) = (&Rendezvous::new(1, 1, 1), &AtomicBool::new(false));
        let (send, receive) = channel();
        let yields_and_waits = move || {
            is_there.store(true, Ordering::SeqCst);
            rendezvous.notify_main();
            // Forever, if it is sent after the end.
            Ok(receive.recv_timeout(Duration::from_secs(60)).is_ok())
        };
        thread::scope(|scope| {
            let thread = scope.spawn(move || rendezvous.compute(0, yields_and_waits));
            rendezvous.serve(&Alone, &mut Gradient(is_there, send));
            assert!(thread.join().unwrap().unwrap());
        });
    }
}
