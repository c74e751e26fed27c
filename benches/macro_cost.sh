#!/usr/bin/env bash
# Measures what ho_block! costs a user's build: a crate with 0, 1, 10 and 30 blocks, in the default debug profile, where the
# code of horesnet-compiler is not optimised. Prints the CPU seconds of rustc on that crate, the minimum of three builds.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
crate=$(mktemp -d)
trap 'rm -rf "$crate"' EXIT
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$root/target}/macro_cost"
scheme=${1:-verner8}

mkdir "$crate/src"
printf '[package]\nname = "cost"\nversion = "0.0.0"\nedition = "2024"\n\n[dependencies]\nhoresnet = { path = "%s" }\n\n[workspace]\n' \
    "$root" > "$crate/Cargo.toml"
cp "$root/Cargo.lock" "$crate"
cd "$crate"
TIMEFORMAT='%U %S'
for blocks in 0 1 10 30; do
    echo "pub use horesnet::Tensor;" > src/lib.rs
    for ((i = 0; i < blocks; i++)); do
        echo "pub mod m$i { horesnet::ho_block!($scheme); }" >> src/lib.rs
    done
    cargo check --quiet
    least=
    for _ in 1 2 3; do
        touch src/lib.rs
        spent=$({ time cargo check --quiet; } 2>&1 | awk '{ print $1 + $2 }')
        least=$(printf '%s\n' "$spent" ${least:+"$least"} | sort -g | head -n 1)
    done
    echo "$blocks × $scheme: $least s"
done
