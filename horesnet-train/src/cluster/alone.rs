//! One process.

use std::sync::Arc;

use candle_core::Device;

use super::{Communicator, TensorExchange};
use crate::error::Result;

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

    fn local_rank(&self) -> usize {
        0
    }

    fn tensors(&self, _: &Device, _: usize) -> Result<Option<Arc<dyn TensorExchange>>> {
        Ok(Some(Arc::new(Self)))
    }
}
