//! Exchanges between GPUs, one for each process, by NVIDIA's NCCL. It moves numbers only: it computes nothing.

use std::ffi::c_char;
use std::fmt::{self, Debug, Formatter};
use std::sync::{Mutex, MutexGuard, PoisonError};

use candle_core::cuda_backend::CudaDType;
use candle_core::cuda_backend::cudarc::driver::{CudaSlice, CudaView, DeviceRepr};
use candle_core::cuda_backend::cudarc::nccl::result::NcclError;
use candle_core::cuda_backend::cudarc::nccl::safe::{Comm, Id, NcclType, group_end, group_start};
use candle_core::op::BackpropOp;
use candle_core::{CudaDevice, CudaStorage, DType, Result as CandleResult, Storage, Tensor, bail};

use super::{Communicator, TensorExchange, agree};
use crate::error::{Error, Result};

/// The GPUs of some processes.
pub(super) struct Nccl {
    comm: Mutex<Exclusive>,
    device: CudaDevice,
    size: usize,
}

struct Exclusive(Comm);

// SAFETY: NCCL's communicators belong to no thread; calls must not overlap, which the mutex around it prevents.
unsafe impl Send for Exclusive {}

impl Debug for Nccl {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "GPUs of {} processes", self.size)
    }
}

impl Nccl {
    /// Joins the GPU of this process with those of every `stride`-th process; `None` if it is not one of them. All processes
    /// call it.
    pub(super) fn join(
        cluster: &dyn Communicator,
        device: &CudaDevice,
        stride: usize,
    ) -> Result<Option<Self>> {
        let (rank, size) = (cluster.rank() / stride, cluster.size() / stride);
        let id = (cluster.rank() == 0).then(Id::new).transpose();
        let id = agree(cluster, id.map_err(|error| failed(&error)))?;
        let bytes = id.map_or_else(Vec::new, |id| id.internal().map(|c| c as u8).to_vec());
        let bytes = cluster.broadcast(bytes);
        if !cluster.rank().is_multiple_of(stride) {
            return Ok(None);
        }
        let mut id = [0; 128];
        for (to, from) in id.iter_mut().zip(bytes) {
            *to = from as c_char;
        }
        let comm = Comm::from_rank(device.cuda_stream(), rank, size, Id::uninit(id));
        Ok(Some(Self {
            comm: Mutex::new(Exclusive(comm.map_err(|error| failed(&error))?)),
            device: device.clone(),
            size,
        }))
    }

    fn lock(&self) -> MutexGuard<'_, Exclusive> {
        self.comm.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Calls `run` with the elements of `own` and memory for `len` elements; returns these.
    fn exchange<T: CudaDType + DeviceRepr + NcclType>(
        &self,
        own: &Tensor,
        len: usize,
        run: impl FnOnce(
            &Comm,
            &CudaView<'_, T>,
            &mut CudaSlice<T>,
        ) -> std::result::Result<(), NcclError>,
    ) -> CandleResult<Tensor> {
        let (storage, layout) = own.storage_and_layout();
        let (Storage::Cuda(storage), Some((start, end))) = (&*storage, layout.contiguous_offsets())
        else {
            bail!("expected a contiguous tensor on a GPU to send to others")
        };
        let elements = storage.as_cuda_slice::<T>()?;
        let Some(elements) = elements.try_slice(start..end) else {
            bail!("a tensor reaches past the end of its storage")
        };
        // SAFETY: NCCL writes every element before anybody reads one.
        let mut received = unsafe { self.device.alloc::<T>(len) }?;
        run(&self.lock().0, &elements, &mut received)
            .map_err(|error| candle_core::Error::msg(failed(&error)))?;
        let received = CudaStorage::wrap_cuda_slice(received, self.device.clone());
        Ok(Tensor::from_storage(
            Storage::Cuda(received),
            len,
            BackpropOp::none(),
            false,
        ))
    }

    fn all_to_all_of<T: CudaDType + DeviceRepr + NcclType>(
        &self,
        own: &Tensor,
    ) -> CandleResult<Tensor> {
        let slice = own.elem_count() / self.size;
        self.exchange::<T>(own, own.elem_count(), |comm, own, received| {
            let mut slices = || {
                (0..self.size).try_for_each(|peer| {
                    let slice = peer * slice..(peer + 1) * slice;
                    comm.send(&own.slice(slice.clone()), peer as i32)?;
                    comm.recv(&mut received.slice_mut(slice), peer as i32)
                        .map(|_| ())
                })
            };
            // All of them at once: each alone would wait for its peer.
            group_start()?;
            let sent = slices();
            group_end()?;
            sent
        })
    }

    fn all_gather_of<T: CudaDType + DeviceRepr + NcclType>(
        &self,
        own: &Tensor,
    ) -> CandleResult<Tensor> {
        self.exchange::<T>(own, own.elem_count() * self.size, |comm, own, received| {
            comm.all_gather(own, received).map(|_| ())
        })
    }
}

impl TensorExchange for Nccl {
    fn size(&self) -> usize {
        self.size
    }

    fn all_to_all(&self, own: &Tensor) -> CandleResult<Tensor> {
        match own.dtype() {
            DType::F32 => self.all_to_all_of::<f32>(own),
            DType::F64 => self.all_to_all_of::<f64>(own),
            other => bail!("expected f32 or f64 to send to other GPUs, found {other:?}"),
        }
    }

    fn all_gather(&self, own: &Tensor) -> CandleResult<Tensor> {
        match own.dtype() {
            DType::F32 => self.all_gather_of::<f32>(own),
            DType::F64 => self.all_gather_of::<f64>(own),
            other => bail!("expected f32 or f64 to send to other GPUs, found {other:?}"),
        }
    }
}

fn failed(error: &NcclError) -> Error {
    Error::Cluster(format!(
        "NCCL cannot join the GPUs: {:?}; set NCCL_DEBUG=WARN to see why",
        error.0
    ))
}
