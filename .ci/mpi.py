#!/usr/bin/env python3
"""Trains over 1, 2 and 4 processes with MPI, and compares files bit by bit.

Installs Open MPI from Debian where it is missing and can be installed, and skips the checks where it cannot.
"""

import filecmp
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

NETWORKS = ["horesnet", "cfresnet", "vit"]
PROCESSES = [1, 2, 4]
PACKAGES = ["openmpi-bin", "libopenmpi-dev", "libclang-dev"]

# Augmentation, an average of the weights, stochastic depth, dropout, micro-batches, and a last batch that is smaller.
SETTINGS = [
    "--batch-size", "64", "--parts", "8", "--accumulate", "2", "--ema", "0.9", "--drop-path", "0.2", "--dropout", "0.1",
    "--set", "training.augmentation.crop=1", "--set", "training.augmentation.mixup=0.2",
]


def run(command, **options):
    return subprocess.run([str(word) for word in command], timeout=600, text=True, capture_output=True, **options)


def installed():
    """Returns true if the library and the launcher are there, installing them if possible."""
    def found():
        return shutil.which("mpirun") and shutil.which("mpicc")

    if found():
        return True
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return False
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "--yes", "--no-install-recommends", *PACKAGES]
    for command in (["apt-get", "update"], install):
        if run(command, env=environment).returncode != 0:
            return False
    return bool(found())


class Cluster:
    def __init__(self, program, folder):
        self.program = program
        self.folder = folder
        # Containers run as root, and have fewer cores than processes here.
        self.environment = {
            **os.environ,
            "OMPI_ALLOW_RUN_AS_ROOT": "1",
            "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
            "OMPI_MCA_rmaps_base_oversubscribe": "1",
            "OMPI_MCA_mpi_yield_when_idle": "1",
        }

    def command(self, *groups):
        """The command of some processes for each of `groups`: their number and arguments."""
        words = ["mpirun", "--oversubscribe", "--bind-to", "none"]
        for index, (count, arguments) in enumerate(groups):
            words += [":"] if index else []
            words += ["-n", count, self.program, *arguments]
        return [str(word) for word in words]

    def run(self, *groups):
        return run(self.command(*groups), env=self.environment, cwd=self.folder)

    def train(self, processes, *arguments):
        ended = self.run((processes, ["train", *arguments]))
        assert ended.returncode == 0, f"{processes} processes: {ended.stderr}"

    def start(self, processes, *arguments):
        command = self.command((processes, ["train", *arguments]))
        return subprocess.Popen(command, env=self.environment, cwd=self.folder, text=True, stderr=subprocess.PIPE)

    def expect_equal(self, one, other, *files):
        for file in files:
            paths = [self.folder / run / file for run in (one, other)]
            assert filecmp.cmp(*paths, shallow=False), f"{paths[0]} and {paths[1]} differ"

    def expect_refused(self, problem, *groups):
        ended = self.run(*groups)
        errors = [line for line in ended.stderr.splitlines() if line.startswith("error:")]
        assert ended.returncode == 2 and len(errors) == 1 and problem in errors[0], (
            f"expected exit code 2 and one error with `{problem}`, found {ended.returncode}: {ended.stderr}"
        )


def same_bits(cluster):
    for network in NETWORKS:
        names = [f"{network}{processes}" for processes in PROCESSES]
        for processes, name in zip(PROCESSES, names):
            cluster.train(processes, "--network", network, "--epochs", 2, *SETTINGS, "--run", name)
            cluster.expect_equal(names[0], name, "model.safetensors", "best.safetensors", "test.json")
        print(f"{network}: 1, 2 and 4 processes have trained the same bits")


def workers(cluster, run):
    """The numbers of the processes that train to the folder `run`."""
    listed = subprocess.run(["ps", "-eo", "pid,args"], text=True, capture_output=True, check=True).stdout
    lines = (line.split() for line in listed.splitlines())
    found = [int(words[0]) for words in lines if words[1] == str(cluster.program) and words[-1] == run]
    return found


def wait_for(path, job):
    while not path.exists():
        assert job.poll() is None, job.stderr.read()
        time.sleep(0.05)


def stopped_and_resumed(cluster):
    cluster.train(1, "--epochs", 6, *SETTINGS, "--run", "whole")
    for name, number in (("stopped", signal.SIGTERM), ("killed", signal.SIGKILL)):
        job = cluster.start(2, "--epochs", 6, *SETTINGS, "--run", name)
        wait_for(cluster.folder / name / "checkpoint.safetensors", job)
        os.kill(workers(cluster, name)[-1], number)
        _, messages = job.communicate(timeout=60)
        assert job.returncode != 0 and messages, f"{name}: the job has ended without a message"
        for processes in (1, 4):
            resumed = f"{name}{processes}"
            shutil.copytree(cluster.folder / name, cluster.folder / resumed)
            cluster.train(processes, "--resume", resumed)
            cluster.expect_equal("whole", resumed, "model.safetensors", "best.safetensors", "test.json")
        print(f"{name} with 2 processes, resumed with 1 and 4: the bits of an uninterrupted training")


def refusals(cluster):
    train = ["train", "--epochs", 1, "--batch-size", 64, "--run", "refused"]
    parts = [*train, "--parts", 4]
    cluster.expect_refused("need 2 parts, found 1", (2, train))
    cluster.expect_refused("use a power of two", (3, parts))
    cluster.expect_refused("`training.seed` is 0 there and 1 here", (1, parts), (1, [*parts, "--seed", 1]))
    cluster.expect_refused("nowhere", (2, [*parts, "--data", "folder", "--data-dir", "nowhere"]))
    cluster.expect_refused("invalid value", (2, ["train", "--epochs", "nine"]))
    assert not (cluster.folder / "refused").exists(), "a refused training has left a folder"
    print("unequal settings, missing data and processes without parts are refused by one process")


def without_times(path):
    """The bytes of a file without the seconds of epochs."""
    text = path.read_bytes()
    if path.name == "curves.csv":
        # The last column.
        return re.sub(rb",[^,\n]*\n", b"\n", text)
    return re.sub(rb'"seconds": ?[0-9.e-]+', b"", text)


def sweep(cluster):
    arguments = ["compare", "--schemes", "euler,midpoint", "--seeds", 2, "--epochs", 1, "--batch-size", 256, "--out"]
    for processes in (1, 4):
        ended = cluster.run((processes, [*arguments, f"sweep{processes}"]))
        assert ended.returncode == 0, ended.stderr
    one = cluster.folder / "sweep1"
    for path in sorted(one.rglob("*")):
        name = path.relative_to(one)
        other = cluster.folder / "sweep4" / name
        assert other.exists(), f"{other} is missing"
        if path.is_file() and not ("tfevents" in path.name or path.name in ("checkpoint.safetensors", "report.html")):
            assert without_times(path) == without_times(other), f"{path} and {other} differ"
    print("a comparison over 4 processes has the files of one process, but for times")


def main():
    if not installed():
        print("skipped: Open MPI is not installed, and cannot be installed from Debian")
        return
    build = ["cargo", "build", "--release", "--locked", "-p", "horesnet-cli", "--features", "mpi", "--message-format=short"]
    if subprocess.run(build, check=False).returncode != 0:
        sys.exit("the feature `mpi` does not build; it needs libclang (on Debian libclang-dev)")
    program = Path(os.environ.get("CARGO_TARGET_DIR", "target")).absolute() / "release" / "horesnet"
    with tempfile.TemporaryDirectory() as folder:
        cluster = Cluster(program, Path(folder))
        for check in (same_bits, stopped_and_resumed, refusals, sweep):
            check(cluster)


if __name__ == "__main__":
    main()
