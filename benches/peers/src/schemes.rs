//! The tableaux of the networks that are compared, read off the generated blocks.

use crate::Result;

/// `A` and `B` of a block.
#[derive(Clone, Debug)]
pub(crate) struct Tableau {
    pub(crate) a: Vec<Vec<f64>>,
    pub(crate) b: Vec<f64>,
}

mod blocks {
    horesnet::ho_block!(euler);
    horesnet::ho_block!(midpoint);
    horesnet::ho_block!(rk4);
    horesnet::ho_block!(verner8);
}

/// The tableau of one of the schemes above.
pub(crate) fn find(scheme: &str) -> Result<Tableau> {
    macro_rules! tableau {
        ($block:ident) => {{
            type Block = blocks::$block<()>;
            Tableau {
                a: Block::A.iter().map(|row| row.to_vec()).collect(),
                b: Block::B.to_vec(),
            }
        }};
    }
    Ok(match scheme {
        "euler" => tableau!(Euler),
        "midpoint" => tableau!(Midpoint),
        "rk4" => tableau!(Rk4),
        "verner8" => tableau!(Verner8),
        _ => {
            return Err(format!(
                "unknown scheme `{scheme}`; add it to benches/peers/src/schemes.rs"
            )
            .into());
        }
    })
}
