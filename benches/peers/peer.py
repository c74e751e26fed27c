"""A peer as `compare.py` sees it: a process that answers one line of JSON with another."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

TORCH = Path(__file__).parent / "torch_peer.py"
# All that decides how many threads a peer starts.
THREADS = ["RAYON_NUM_THREADS", "CANDLE_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"]


class Failure(Exception):
    """What a peer said went wrong."""


class Peer:
    def __init__(self, name, binary, threads, device):
        command = ([binary] if name in ("horesnet", "candle") else [sys.executable, TORCH]) + [name, device]
        environment = os.environ | {variable: str(threads) for variable in THREADS}
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
