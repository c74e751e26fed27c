#!/usr/bin/env python3
"""Builds the Python package, installs its wheel in an empty environment, and runs its tests there with NodePy.

Skips if PyPI cannot be reached; all other failures fail.
"""

import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).absolute()
CRATE = ROOT / "horesnet-python"

BUILD = ["maturin==1.16.0"]
# NodePy does not name all that it imports.
TESTS = ["nodepy==1.1.1", "numpy==2.4.6", "sympy==1.14.0", "mpmath==1.3.0", "matplotlib==3.11.2", "six==1.17.0"]
UNREACHABLE = re.compile(r"Retrying|Connection|Could not fetch URL|Temporary failure|timed out|SSLError")


def run(*command, **options):
    print("+", *command, flush=True)
    return subprocess.run([str(part) for part in command], check=True, cwd=ROOT, **options)


def pip(*arguments, **options):
    command = ["-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    return run(sys.executable, *command, **options)


def packages(name, requirements):
    """Installs packages of PyPI in a folder that is kept between runs, and returns the folder."""
    folder = TARGET / name
    installed = folder / "installed.txt"
    if installed.exists() and installed.read_text() == "\n".join(requirements):
        return folder
    options = ["--root-user-action", "ignore", "--only-binary", ":all:", "--retries", "1", "--upgrade", "--target", folder]
    try:
        pip("install", *options, *requirements, stderr=subprocess.PIPE, text=True)
    except subprocess.CalledProcessError as error:
        print(error.stderr, file=sys.stderr)
        if UNREACHABLE.search(error.stderr):
            print("skipped: PyPI cannot be reached")
            sys.exit(0)
        raise
    installed.write_text("\n".join(requirements))
    return folder


def main():
    maturin = packages("maturin", BUILD) / "bin" / "maturin"
    libraries = packages("python-tests", TESTS)

    wheels = TARGET / "python-wheels"
    for old in wheels.glob("*.whl"):
        old.unlink()
    build = [maturin, "build", "--release", "--locked", "--quiet", "--manifest-path", CRATE / "Cargo.toml", "--out", wheels]
    run(*build, env={**os.environ, "CARGO_TARGET_DIR": str(TARGET)})
    [wheel] = wheels.glob("*.whl")
    print(f"{wheel.name}: {wheel.stat().st_size:,} bytes")

    # Without pip, an environment needs no package of the distribution.
    environment = TARGET / "python-environment"
    run(sys.executable, "-m", "venv", "--without-pip", "--clear", environment)
    python = environment / "bin" / "python"
    pip("--python", python, "install", "--no-index", "--no-deps", wheel)
    tests = ["-m", "unittest", "discover", "--start-directory", CRATE / "tests"]
    run(python, "-W", "ignore::SyntaxWarning", *tests, env={**os.environ, "PYTHONPATH": str(libraries)})


if __name__ == "__main__":
    main()
