"""A peer as `compare.py` sees it: a process that answers one line of JSON with another."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

TORCH = Path(__file__).parent / "torch_peer.py"
JAX = Path(__file__).parent / "jax_peer.py"
RUST = ("horesnet", "horesnet-bf16", "candle")
# All that decides how many threads a peer starts.
THREADS = ["RAYON_NUM_THREADS", "CANDLE_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"]


# The newest instructions that peers may use. candle's products of matrices choose by themselves.
INSTRUCTIONS = {
    "avx2": {"HORESNET_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2", "MKL_ENABLE_INSTRUCTIONS": "AVX2"},
    "avx512": {
        "HORESNET_MAX_CPU_ISA": "AVX512",
        "ATEN_CPU_CAPABILITY": "avx512",
        "ONEDNN_MAX_CPU_ISA": "AVX512_CORE",
        "MKL_ENABLE_INSTRUCTIONS": "AVX512",
    },
    "best": {},
}

# In measurements of time, every peer keeps freed memory, as the program `horesnet` does: each step allocates the same tensors again.
KEPT = {"MIMALLOC_PURGE_DELAY": "-1", "MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": "2147483647"}


class Failure(Exception):
    """What a peer said went wrong."""


class Peer:
    def __init__(self, name, chosen, keep=True):
        program = [chosen.binary] if name in RUST else [sys.executable, JAX if name == "jax" else TORCH]
        command = program + [name, chosen.device]
        environment = os.environ | {variable: str(chosen.threads) for variable in THREADS} | INSTRUCTIONS[chosen.isa] | (KEPT if keep else {})
        self.missing = None
        self.complaints = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.complaints, text=True
        )

    def ask(self, what, **details):
        try:
            self.process.stdin.write(json.dumps({"do": what, **details}) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            self.complaints.seek(0)
            raise Failure(f"the process ended: {self.complaints.read()[-2000:]}")
        answer = json.loads(line)
        if "error" in answer:
            raise Failure(answer["error"])
        return answer

    def stop(self):
        self.process.stdin.close()
        self.process.wait()
