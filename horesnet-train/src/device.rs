//! The processor that networks run on, by name.

use std::fmt;
use std::str::FromStr;

use candle_core::{Device, DeviceLocation};
use horesnet::gpu;

use crate::error::{Error, Result};
use crate::limits::ensure;

const SETTING: &str = "device";
const CUDA: &str = "cuda";

/// A processor by name: `cpu`; `cuda` or `cuda:1`, an NVIDIA GPU; or `auto`, the first GPU if there is one, else the CPU.
///
/// ```
/// use horesnet_train::Processor;
///
/// let processor: Processor = "cpu".parse()?;
/// assert!(processor.open()?.is_cpu());
/// assert_eq!("cuda".parse::<Processor>()?, Processor::Cuda(0));
/// # Ok::<(), horesnet_train::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Processor {
    /// The first GPU, or the CPU.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// The GPU with this number, counted from 0.
    Cuda(usize),
}

impl Processor {
    /// Opens the device.
    ///
    /// Fails with [`Error::Setting`] if the build has no GPU support or no GPU has that number.
    pub fn open(self) -> Result<Device> {
        match self {
            Self::Auto => Ok(numbered(0).unwrap_or(Device::Cpu)),
            Self::Cpu => Ok(Device::Cpu),
            Self::Cuda(number) => numbered(number),
        }
    }
}

fn numbered(number: usize) -> Result<Device> {
    if !cfg!(feature = "cuda") {
        let problem = "this build runs on the CPU only; with the CUDA toolkit there, \
             `cargo build --release -p horesnet-cli --features cuda` makes one for NVIDIA's GPUs (docs/gpu.md)";
        return Err(Error::setting(SETTING, problem));
    }
    gpu::open(number).map_err(|error| {
        let problem =
            format!("{CUDA}:{number} does not work here: {error}; `nvidia-smi` lists the GPUs, and `cpu` runs without");
        Error::setting(SETTING, problem)
    })
}

/// Returns the name of a device, that of its [`Processor`] if there is one.
pub(crate) fn name(device: &Device) -> String {
    match device.location() {
        DeviceLocation::Cpu => Processor::Cpu.to_string(),
        DeviceLocation::Cuda { gpu_id } => Processor::Cuda(gpu_id).to_string(),
        DeviceLocation::Metal { gpu_id } => format!("metal:{gpu_id}"),
    }
}

/// Fails on a GPU without `bf16` operations in candle.
pub(crate) fn expect_bf16(device: &Device) -> Result<()> {
    let Some((major, minor)) = gpu::capability(device) else {
        return Ok(());
    };
    ensure("precision", major >= 8, || {
        format!(
            "bf16 needs a GPU of compute capability 8.0 or more, found {major}.{minor}; use f32"
        )
    })
}

impl FromStr for Processor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let unknown = || {
            let problem = format!(
                "unknown device `{text}`; known are `cpu`, `{CUDA}:0` and so on, and `auto`"
            );
            Error::setting(SETTING, problem)
        };
        match text.split_once(':') {
            None if text == "auto" => Ok(Self::Auto),
            None if text == "cpu" => Ok(Self::Cpu),
            None if text == CUDA => Ok(Self::Cuda(0)),
            Some((CUDA, number)) if number.bytes().all(|byte| byte.is_ascii_digit()) => {
                number.parse().map(Self::Cuda).map_err(|_| unknown())
            }
            _ => Err(unknown()),
        }
    }
}

impl fmt::Display for Processor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Cpu => f.write_str("cpu"),
            Self::Cuda(number) => write!(f, "{CUDA}:{number}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Processor;

    #[test]
    fn names_are_read_and_printed() {
        for name in ["auto", "cpu", "cuda:0", "cuda:3"] {
            assert_eq!(name.parse::<Processor>().unwrap().to_string(), name);
        }
        for name in [
            "",
            "gpu",
            "cuda:",
            "cuda:-1",
            "cuda:+1",
            "cuda:x",
            "cuda:99999999999999999999",
            "cpu:0",
            "metal",
            "CPU",
        ] {
            let refused = name.parse::<Processor>().unwrap_err().to_string();
            assert!(refused.contains("known are `cpu`, `cuda:0`"), "{refused}");
        }
    }

    #[test]
    fn there_is_always_a_processor() {
        assert!(Processor::Auto.open().is_ok());
        assert!(Processor::Cpu.open().unwrap().is_cpu());
    }

    #[test]
    fn a_gpu_that_is_not_there_is_refused_with_advice() {
        let refused = Processor::Cuda(1000).open().unwrap_err().to_string();
        let advice = if cfg!(feature = "cuda") {
            "nvidia-smi"
        } else {
            "--features cuda"
        };
        assert!(refused.contains(advice), "{refused}");
    }
}
