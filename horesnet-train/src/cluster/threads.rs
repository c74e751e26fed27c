//! Threads in place of processes, for tests.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use super::Communicator;

/// A thread and its channels to and from each other.
pub(crate) struct Threads {
    rank: usize,
    send: Vec<Sender<Vec<u8>>>,
    receive: Vec<Receiver<Vec<u8>>>,
}

/// Runs so many processes as threads, and returns their results in order.
pub(crate) fn run<R: Send>(size: usize, process: impl Fn(&dyn Communicator) -> R + Sync) -> Vec<R> {
    let mut all: Vec<Threads> = (0..size)
        .map(|rank| Threads {
            rank,
            send: Vec::new(),
            receive: Vec::new(),
        })
        .collect();
    for from in 0..size {
        for to in 0..size {
            let (send, receive) = channel();
            all[from].send.push(send);
            all[to].receive.push(receive);
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

impl Threads {
    fn send(&self, to: usize, bytes: &[u8]) {
        self.send[to].send(bytes.to_vec()).unwrap();
    }

    fn receive(&self, from: usize) -> Vec<u8> {
        self.receive[from].recv().unwrap()
    }
}

impl Communicator for Threads {
    fn rank(&self) -> usize {
        self.rank
    }

    fn size(&self) -> usize {
        self.send.len()
    }

    fn exchange(&self, with: usize, bytes: &[u8]) -> Vec<u8> {
        self.send(with, bytes);
        self.receive(with)
    }

    fn all_to_all(&self, bytes: &[u8]) -> Vec<u8> {
        let slice = bytes.len() / self.size();
        for to in 0..self.size() {
            self.send(to, &bytes[to * slice..][..slice]);
        }
        (0..self.size())
            .flat_map(|from| self.receive(from))
            .collect()
    }

    fn all_gather(&self, own: &[u8]) -> Vec<u8> {
        for to in 0..self.size() {
            self.send(to, own);
        }
        (0..self.size())
            .flat_map(|from| self.receive(from))
            .collect()
    }

    fn broadcast(&self, bytes: Vec<u8>) -> Vec<u8> {
        if self.rank == 0 {
            for to in 0..self.size() {
                self.send(to, &bytes);
            }
        }
        self.receive(0)
    }

    fn host(&self) -> String {
        "a thread".to_owned()
    }
}
