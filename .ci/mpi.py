#!/usr/bin/env python3
"""Trains over 1, 2 and 4 processes with MPI, and compares files bit by bit.

Installs Open MPI from Debian where it is missing and can be installed, and skips the checks where it cannot.
"""

import filecmp
import json
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
BUILD = ["cargo", "build", "--release", "--locked", "-p", "horesnet-cli", "--message-format=short"]
PROGRAM = Path(os.environ.get("CARGO_TARGET_DIR", "target")).absolute() / "release" / "horesnet"
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
        """The command of some processes for each of `groups`: their number, arguments, and perhaps folder and program."""
        words = ["mpirun", "--oversubscribe", "--bind-to", "none"]
        for index, (count, arguments, *rest) in enumerate(groups):
            folder, program = [*rest, None, None][:2]
            words += [":"] if index else []
            words += ["-n", count, "--wdir", folder or self.folder, program or self.program, *arguments]
        return [str(word) for word in words]

    def run(self, *groups):
        return run(self.command(*groups), env=self.environment, cwd=self.folder)

    def train(self, processes, *arguments):
        ended = self.run((processes, ["train", *arguments]))
        assert ended.returncode == 0, f"{processes} processes: {ended.stderr}"

    def start(self, processes, *arguments):
        command = self.command((processes, arguments))
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
        job = cluster.start(2, "train", "--epochs", 6, *SETTINGS, "--run", name)
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


def default_parts(cluster):
    settings = ["train", "--epochs", 2, "--batch-size", 128]
    ended = cluster.run((2, [*settings, "--accumulate", 2, "--run", "chosen"]))
    assert ended.returncode == 0 and "note: batches have 4 parts" in ended.stderr, ended.stderr
    config = json.loads((cluster.folder / "chosen" / "config.json").read_text())
    assert config["training"]["parts"] == 4, config["training"]
    cluster.train(1, *settings[1:], "--accumulate", 2, "--parts", 4, "--run", "given")
    cluster.expect_equal("chosen", "given", "model.safetensors", "best.safetensors", "test.json")
    # One process has one part, as if the others did not exist.
    alone = run([cluster.program, *settings, "--run", "alone"], cwd=cluster.folder)
    assert alone.returncode == 0 and "parts" not in alone.stderr, alone.stderr
    cluster.train(1, *settings[1:], "--parts", 1, "--run", "one")
    cluster.expect_equal("alone", "one", "model.safetensors", "best.safetensors", "test.json")
    print("without --parts: as many as processes and micro-batches, recorded, with the bits of one process")


def other_version(cluster):
    """A copy of the program that says that it is of another version."""
    version = run([cluster.program, "--version"]).stdout.split(maxsplit=1)[1].strip().encode()
    program, other = cluster.program.read_bytes(), cluster.folder / "other-version"
    assert version in program, f"{version} is not in the program"
    other.write_bytes(program.replace(version, version.replace(b"0", b"9", 1)))
    other.chmod(0o755)
    return other


def refusals(cluster, without_mpi):
    train = ["train", "--epochs", 1, "--batch-size", 64, "--run", "refused"]
    parts = [*train, "--parts", 4]
    compare = ["compare", "--schemes", "euler", "--seeds", 2, "--epochs", 1, "--out"]
    here, there = cluster.folder / "here", cluster.folder / "there"
    (there / "pictures").mkdir(parents=True)
    here.mkdir()
    cluster.expect_refused("need 2 parts, found 1", (2, [*train, "--parts", 1]))
    cluster.expect_refused("use a power of two", (3, parts))
    few = "need 4 parts of 2 images or more, found a batch of 4 images"
    cluster.expect_refused(few, (4, ["train", "--batch-size", 4, "--run", "refused"]))
    cluster.expect_refused("`training.seed` is 0 there and 1 here", (1, parts), (1, [*parts, "--seed", 1]))
    cluster.expect_refused("`train --print-config`", (1, parts), (1, [*parts, "--print-config"]))
    resume = ["train", "--resume", "nowhere"]
    cluster.expect_refused("`train --resume --trace`", (1, resume), (1, [*resume, "--trace"]))
    cluster.expect_refused("nowhere", (2, [*parts, "--data", "folder", "--data-dir", "nowhere"]))
    cluster.expect_refused("invalid value", (2, ["train", "--epochs", "nine"]))
    cluster.expect_refused("runs version 9", (1, parts), (1, parts, None, other_version(cluster)))
    cluster.expect_refused("built without MPI", (2, parts, None, without_mpi))
    # A process whose machine lacks the data, then one that does not see the folder of the comparison.
    pictures = [*parts, "--data", "folder", "--data-dir", "pictures"]
    cluster.expect_refused("pictures", (1, pictures, there), (1, pictures, here))
    cluster.expect_refused("choose a folder that all machines share", (1, [*compare, "out"], here), (1, [*compare, "out"], there))
    # A launcher of another MPI library, whose variables the program reads and its library does not.
    environment = {**os.environ, "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1", "PMI_SIZE": "2", "PMI_RANK": "0"}
    ended = run([cluster.program, *train], cwd=cluster.folder, env=environment)
    assert ended.returncode == 2 and "MPI finds 1" in ended.stderr, f"{ended.returncode}: {ended.stderr}"
    assert not (cluster.folder / "refused").exists(), "a refused training has left a folder"
    print("unequal versions, commands and settings, missing data and folders, and processes without parts are refused by one process")


def stopped_comparison(cluster):
    arguments = ["compare", "--schemes", "euler,rk4", "--epochs", 1000, "--seeds", 1, "--out", "stopped-sweep"]
    job = cluster.start(2, *arguments)
    for run in ("euler-seed0", "rk4-seed0"):
        wait_for(cluster.folder / "stopped-sweep" / run / "checkpoint.safetensors", job)
    for worker in workers(cluster, "stopped-sweep"):
        os.kill(worker, signal.SIGTERM)
    _, messages = job.communicate(timeout=60)
    assert job.returncode == 130, f"{job.returncode}: {messages}"
    assert "give the same command again to resume" in messages and "error:" not in messages, messages
    print("a stopped comparison exits with 130")


def overlap(cluster):
    """Buckets of gradients are sent while other gradients are computed, with and without batch norm."""
    for network in ("vit", "horesnet"):
        size = ["--set", "network.width=64"] if network == "vit" else ["--widths", "32,64"]
        name = f"{network}-trace"
        cluster.train(2, "--network", network, *size, "--epochs", 1, "--batch-size", 128, "--trace", "--run", name)
        events = json.loads((cluster.folder / name / "trace.json").read_text())["traceEvents"]
        spans = [event for event in events if event["ph"] == "X"]
        for process in (0, 1):
            def of(kind, own=[span for span in spans if span["pid"] == process]):
                return [(span["ts"], span["ts"] + span["dur"]) for span in own if span["name"] == kind]

            backward = of("backward")
            assert len(backward) == len(of("step")) == 10, f"{network}: {len(backward)} backward passes"
            early = [sent for sent in of("gradients") if any(begun < sent[0] < ended for begun, ended in backward)]
            assert early, f"{network}, process {process}: no gradients were sent before the end of a backward pass"
        print(f"{network}: {len(early)} buckets in 9 steps were sent before the end of the backward pass")


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


def gpus(folder):
    """Several GPUs train the bits of one that computes as many parts: without batch norm, micro-batches change nothing."""
    listed = run(["nvidia-smi", "-L"]).stdout.splitlines() if shutil.which("nvidia-smi") else []
    most = 1 << len(listed).bit_length() >> 1
    if most < 2:
        print(f"skipped: expected two GPUs or more, found {len(listed)}")
        return
    subprocess.run([*BUILD, "--features", "nccl"], check=True)
    cluster = Cluster(PROGRAM, folder)
    for network in ("vit", "horesnet"):
        settings = ["--network", network, "--epochs", 2, "--batch-size", 64, "--device", "auto"]
        cluster.train(most, *settings, "--run", f"{network}-gpus")
        cluster.train(most, *settings, "--run", f"{network}-again")
        cluster.expect_equal(f"{network}-gpus", f"{network}-again", "model.safetensors", "test.json")
    cluster.train(1, "--network", "vit", *settings[2:], "--accumulate", most, "--run", "vit-gpu")
    cluster.expect_equal("vit-gpus", "vit-gpu", "model.safetensors", "best.safetensors", "test.json")
    print(f"{most} GPUs have trained the bits of one, and the same bits twice")


def main():
    if not installed():
        print("skipped: Open MPI is not installed, and cannot be installed from Debian")
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if "--gpus" in sys.argv:
            gpus(folder)
            return
        without_mpi = folder / "without-mpi"
        subprocess.run(BUILD, check=True)
        shutil.copy(PROGRAM, without_mpi)
        if subprocess.run([*BUILD, "--features", "mpi"], check=False).returncode != 0:
            sys.exit("the feature `mpi` does not build; it needs libclang (on Debian libclang-dev)")
        cluster = Cluster(PROGRAM, folder)
        same_bits(cluster)
        default_parts(cluster)
        stopped_and_resumed(cluster)
        refusals(cluster, without_mpi)
        sweep(cluster)
        stopped_comparison(cluster)
        overlap(cluster)


if __name__ == "__main__":
    main()
