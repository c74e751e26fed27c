//! One process.

use super::Communicator;

/// A process without others.
#[derive(Clone, Copy, Debug, Default)]
pub struct Alone;

impl Communicator for Alone {
    fn rank(&self) -> usize {
        0
    }

    fn size(&self) -> usize {
        1
    }

    fn exchange(&self, _with: usize, bytes: &[u8]) -> Vec<u8> {
        bytes.to_vec()
    }

    fn all_to_all(&self, bytes: &[u8]) -> Vec<u8> {
        bytes.to_vec()
    }

    fn all_gather(&self, own: &[u8]) -> Vec<u8> {
        own.to_vec()
    }

    fn broadcast(&self, bytes: Vec<u8>) -> Vec<u8> {
        bytes
    }

    fn host(&self) -> String {
        "this machine".to_owned()
    }
}
