#!/usr/bin/env bash
# Compares HoresNet's proofs with NodePy's checks, on the same tableaux in one interleaved run.
# Needs Python 3 with pip. Installs NodePy from PyPI into its own virtual environment.
# usage: benches/nodepy/run.sh [SCHEME...]
set -euo pipefail
cd "$(dirname "$0")/../.."

environment=${NODEPY_ENV:-target/nodepy-env}
if [ ! -x "$environment/bin/python" ]; then
    python3 -m venv "$environment"
fi
"$environment/bin/pip" install --quiet nodepy==1.1.1
cargo build --quiet --release -p horesnet-cli
"$environment/bin/python" benches/nodepy/compare.py "${CARGO_TARGET_DIR:-target}/release/horesnet" "$@"
