//! Threads in place of processes, for tests.

use std::fmt::{self, Debug, Formatter};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

use candle_core::{Device, Result as CandleResult, Tensor};

use super::{Communicator, TensorExchange};
use crate::error::Result;

/// A thread and its channels to and from each other.
pub(crate) struct Threads {
    bytes: Channels<Vec<u8>>,
    /// To every thread, every second one, every fourth one, and so on, if this is one of them.
    tensors: Vec<Arc<TensorThreads>>,
}

/// Runs so many processes as threads, and returns their results in order.
pub(crate) fn run<R: Send>(size: usize, process: impl Fn(&dyn Communicator) -> R + Sync) -> Vec<R> {
    let threads = mesh(size).into_iter().map(|bytes| Threads {
        bytes,
        tensors: Vec::new(),
    });
    let mut all: Vec<Threads> = threads.collect();
    for stride in (0..).map(|k| 1 << k).take_while(|stride| *stride <= size) {
        let members = all.iter_mut().step_by(stride);
        for (thread, channels) in members.zip(mesh(size / stride)) {
            thread
                .tensors
                .push(Arc::new(TensorThreads(channels.into())));
        }
    }
    thread::scope(|scope| {
        let process = &process;
        let spawn = |threads| scope.spawn(move || process(&threads as &Threads));
        let running: Vec<_> = all.into_iter().map(spawn).collect();
        running
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    })
}

/// Channels from a thread to each, and from each to it.
struct Channels<T> {
    rank: usize,
    send: Vec<Sender<T>>,
    receive: Vec<Receiver<T>>,
}

/// Channels between so many threads.
fn mesh<T>(size: usize) -> Vec<Channels<T>> {
    let channels = |rank| Channels {
        rank,
        send: Vec::new(),
        receive: Vec::new(),
    };
    let mut all: Vec<Channels<T>> = (0..size).map(channels).collect();
    for from in 0..size {
        for to in 0..size {
            let (send, receive) = channel();
            all[from].send.push(send);
            all[to].receive.push(receive);
        }
    }
    all
}

impl<T: Clone> Channels<T> {
    /// Sends the n-th to thread n; returns those from all.
    fn all_to_all(&self, own: impl Iterator<Item = T>) -> Vec<T> {
        for (send, own) in self.send.iter().zip(own) {
            send.send(own).unwrap();
        }
        let receive = self.receive.iter();
        receive.map(|from| from.recv().unwrap()).collect()
    }

    fn all_gather(&self, own: &T) -> Vec<T> {
        self.all_to_all(std::iter::repeat_n(own.clone(), self.send.len()))
    }
}

impl Communicator for Threads {
    fn rank(&self) -> usize {
        self.bytes.rank
    }

    fn size(&self) -> usize {
        self.bytes.send.len()
    }

    fn exchange(&self, with: usize, bytes: &[u8]) -> Vec<u8> {
        self.bytes.send[with].send(bytes.to_vec()).unwrap();
        self.bytes.receive[with].recv().unwrap()
    }

    fn all_to_all(&self, bytes: &[u8]) -> Vec<u8> {
        let slice = bytes.len() / self.size();
        let slices = (0..self.size()).map(|to| bytes[to * slice..][..slice].to_vec());
        self.bytes.all_to_all(slices).concat()
    }

    fn all_gather(&self, own: &[u8]) -> Vec<u8> {
        self.bytes.all_gather(&own.to_vec()).concat()
    }

    fn broadcast(&self, bytes: Vec<u8>) -> Vec<u8> {
        if self.rank() == 0 {
            for send in &self.bytes.send {
                send.send(bytes.clone()).unwrap();
            }
        }
        self.bytes.receive[0].recv().unwrap()
    }

    fn host(&self) -> String {
        "a thread".to_owned()
    }

    fn local_rank(&self) -> usize {
        self.rank()
    }

    fn tensors(&self, _: &Device, stride: usize) -> Result<Option<Arc<dyn TensorExchange>>> {
        let own = self.tensors.get(stride.ilog2() as usize);
        Ok(own.map(|own| Arc::clone(own) as Arc<dyn TensorExchange>))
    }
}

struct TensorThreads(Mutex<Channels<Tensor>>);

impl Debug for TensorThreads {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("threads")
    }
}

impl TensorExchange for TensorThreads {
    fn size(&self) -> usize {
        self.0.lock().unwrap().send.len()
    }

    fn all_to_all(&self, own: &Tensor) -> CandleResult<Tensor> {
        let slices = own.chunk(self.size(), 0)?;
        let all = self.0.lock().unwrap().all_to_all(slices.into_iter());
        Tensor::cat(&all, 0)
    }

    fn all_gather(&self, own: &Tensor) -> CandleResult<Tensor> {
        Tensor::cat(&self.0.lock().unwrap().all_gather(own), 0)
    }
}
