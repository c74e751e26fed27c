#!/usr/bin/env bash
# Compares HoresNet with stock candle and PyTorch: the same networks, layers and combinations, in one interleaved run.
# Needs Python 3 with pip. Installs PyTorch from PyPI into a virtual environment, or uses that of PEERS_ENV.
# usage: benches/peers/run.sh [--device cpu|cuda:N] [--cudnn] [--threads N] [--rounds N] [--only PATTERN] [--quick]
#        [--growth] [--jax] [--no-candle] [--no-compile] [--isa avx2|avx512] [--bf16] [--system-allocator] [--json FILE]
set -euo pipefail
here=$(pwd)
cd "$(dirname "$0")/../.."
root=$(pwd)

environment=${PEERS_ENV:-target/peers-env}
if [ ! -x "$environment/bin/python" ]; then
    python3 -m venv "$environment"
fi
python=$(realpath -s "$environment/bin/python")
if ! "$python" -c 'import torch, numpy, safetensors' 2> /dev/null; then
    "$python" -m pip install --quiet torch numpy safetensors
fi
case " $* " in
*" --jax "*) "$python" -c 'import jax' 2> /dev/null || "$python" -m pip install --quiet jax ;;
esac
features=mimalloc
for argument in "$@"; do
    case $argument in
    --system-allocator) features=${features/mimalloc/} ;;
    cuda* | --device=cuda*) features+=,cuda ;;
    --cudnn) features+=,cudnn ;;
    esac
done
cargo build --quiet --release -p horesnet-peers --features "$features"
binary=$(realpath "${CARGO_TARGET_DIR:-target}/release/horesnet-peers")
cd "$here"
exec "$python" "$root/benches/peers/compare.py" --binary "$binary" "$@"
