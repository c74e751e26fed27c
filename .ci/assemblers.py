#!/usr/bin/env python3
"""Brings NVIDIA's PTX assemblers from PyPI and prints their paths, as HORESNET_PTXAS wants them.

Two versions: 13.0 for today's GPUs, and 12.9, the last that knows sm_70. They are kept in ~/.cache/horesnet/ptxas.
"""
import importlib.util
import os
import pathlib
import subprocess
import sys
import tempfile
import zipfile

WHEELS = ["nvidia-cuda-nvcc==13.0.88", "nvidia-cuda-nvcc-cu12==12.9.86"]


def assembler(requirement: str) -> pathlib.Path:
    kept = pathlib.Path.home() / ".cache" / "horesnet" / "ptxas" / requirement.replace("==", "-")
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            download = ["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest", folder]
            subprocess.run([sys.executable, *download, requirement], check=True, stdout=sys.stderr)
            (wheel,) = pathlib.Path(folder).glob("*.whl")
            with zipfile.ZipFile(wheel) as archive:
                (name,) = [name for name in archive.namelist() if name.endswith("/bin/ptxas")]
                fresh = kept.with_suffix(".new")
                fresh.write_bytes(archive.read(name))
                fresh.chmod(0o755)
                fresh.replace(kept)
    subprocess.run([kept, "--version"], check=True, stdout=subprocess.DEVNULL)
    return kept


if importlib.util.find_spec("pip") is None:
    sys.exit(f"{sys.executable} has no pip")
print(os.pathsep.join(str(assembler(wheel)) for wheel in WHEELS))
