//! A combination keeps no operand alive that candle does not need for gradients. The allocator counts, so this file has a
//! single test, and nothing else runs at the same time.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use candle_core::{DType, Device, Result, Tensor, Var};
use candle_nn::VarBuilder;
use horesnet_runtime::{ModuleT, Operand, combine, ho_block};

ho_block!(euler, coefficients = learned);

static LIVE: AtomicUsize = AtomicUsize::new(0);

struct Counting;

// SAFETY: the system's allocator does the work; this one only counts.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const LEN: usize = 16 * 1024;
const SIZE: usize = LEN * size_of::<f32>();

/// Live memory in tensors of [`LEN`] numbers; what graphs and layouts take is lost in the rounding.
fn live_since(start: usize) -> usize {
    (LIVE.load(Ordering::Relaxed) - start + SIZE / 2) / SIZE
}

fn ones() -> Result<Tensor> {
    Tensor::ones(LEN, DType::F32, &Device::Cpu)
}

#[test]
fn combinations_keep_only_what_gradients_need() -> Result<()> {
    let start = LIVE.load(Ordering::Relaxed);

    // Without gradients: a stage value is freed when its operand is dropped.
    let x = Operand::new(ones()?)?;
    let k = Operand::new(ones()?)?;
    assert_eq!(live_since(start), 2);
    let y = combine(&x, &[(0.5, &k)])?;
    assert_eq!(live_since(start), 3);
    drop(k);
    assert_eq!(live_since(start), 2);
    drop((x, y));
    assert_eq!(live_since(start), 0);

    // With gradients: candle holds what it tracks, and nothing holds a constant.
    let x = Operand::new(Var::from_tensor(&ones()?)?.into_inner())?;
    let constant = Operand::new(ones()?)?;
    let y = combine(&x, &[(0.5, &constant), (0.25, &x)])?;
    assert_eq!(live_since(start), 3);
    drop(constant);
    assert_eq!(live_since(start), 2);
    drop(y.backward()?);
    assert_eq!(live_since(start), 2);
    drop((x, y));
    assert_eq!(live_since(start), 0);

    // No variable is reached through `sign`, so candle never comes to collect that operand's gradients.
    let x = Operand::new(Var::from_tensor(&ones()?)?.into_inner())?;
    let sign = Operand::new(x.tensor().sign()?)?;
    let y = combine(&x, &[(0.5, &sign)])?;
    drop(y.backward()?);
    let once = live_since(start);
    for _ in 0..5 {
        drop(y.backward()?);
    }
    assert_eq!(live_since(start), once);
    drop((x, sign, y));
    assert_eq!(live_since(start), 0);

    // A learned coefficient needs its stage for its gradient; one that is only read does not.
    let h = Var::new(&[0.5_f32], &Device::Cpu)?;
    for (h, stages) in [(h.as_tensor().clone(), 1), (h.detach(), 0)] {
        let vb = VarBuilder::from_tensors([("h".to_owned(), h)].into(), DType::F32, &Device::Cpu);
        let block = Euler::shared(|_: &Tensor| ones(), vb)?;
        let y = block.forward_t(&ones()?, true)?;
        assert_eq!(live_since(start), 1 + stages);
        drop(y);
        assert_eq!(live_since(start), 0);
    }
    Ok(())
}
