"""HoresNet beside stock candle and PyTorch: the same answers first, then times in turns, then memory. README.md explains.

`run.sh` builds what this needs and calls it; run.sh --help lists the options.
"""

import argparse
import json
import re
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import quiet
import table
from peer import INSTRUCTIONS, Failure, Peer
from rows import floor, growth, rows
from safetensors.torch import load_file

# How far tensors may differ from HoresNet's in f64. In f64, the largest difference of an entry, over the largest entry:
# there nothing hides. In f32, some of millions of numbers are so near 0 that rounding decides on which side of a ReLU they
# are, and a few entries of gradients change by any amount: root mean squares of differences, over those of the entries.
DOUBLE = {"": 1e-6}
SINGLE = {"logits": 1e-5, "gradient": 5e-2}
# PyTorch's channels last sums with larger errors than all others.
OTHERS = {"logits": 1e-3, "gradient": 1e-1}
# bfloat16 has 8 bits, and the logits are those of dozens of layers.
HALF = {"logits": 1e-1}
TORCH = ["eager", "eager-last", "compile", "compile-last"]
COPIED = 256 << 20  # bytes; larger than last-level caches
PAUSE = 0.02  # seconds between turns, in which idle threads of the peer before stop spinning


def options():
    parser = argparse.ArgumentParser(prog="run.sh", description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=1, help="of every peer; the default is %(default)s")
    parser.add_argument("--device", default="cpu", help="cpu, or cuda:0 for the first of NVIDIA's GPUs; the default is %(default)s")
    parser.add_argument("--rounds", type=int, help="turns of each peer; the default is 9, or 2 with --quick")
    parser.add_argument("--only", metavar="PATTERN", default="", help="rows whose names match, e.g. 'rk4' or 'combine 14'")
    parser.add_argument("--quick", action="store_true", help="short turns: to see that it works, not to quote")
    parser.add_argument("--isa", choices=list(INSTRUCTIONS), default="best", help="the newest instructions that peers may use; the default is %(default)s")
    parser.add_argument("--bf16", action="store_true", help="HoresNet with --precision bf16 and PyTorch under autocast to bfloat16, too")
    parser.add_argument("--growth", action="store_true", help="networks of growing batch, channels, images and depth, instead of the table; growth.py draws them")
    parser.add_argument("--jax", action="store_true", help="JAX too, for the rows of networks on the CPU; needs pip's jax")
    parser.add_argument("--no-candle", action="store_true", help="without stock candle, which takes ten times as long")
    parser.add_argument("--no-compile", action="store_true", help="without torch.compile, which takes minutes to compile")
    parser.add_argument("--system-allocator", action="store_true", help="the Rust peers without mimalloc")
    parser.add_argument("--cudnn", action="store_true", help="on a GPU, the Rust peers with cuDNN's convolutions")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write all that was found there")
    parser.add_argument("--binary", required=True, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    chosen.rounds = chosen.rounds or (2 if chosen.quick else 9)
    if chosen.threads < 1 or chosen.rounds < 1:
        parser.error("--threads and --rounds are 1 or more")
    return chosen


def start(chosen):
    """All peers, each a process of its own."""
    torch = [name for name in TORCH if not (chosen.no_compile and name.startswith("compile"))]
    half = [name + "-bf16" for name in torch] if chosen.bf16 else []
    rust = ["horesnet"] + ["horesnet-bf16"] * chosen.bf16 + ["candle"] * (not chosen.no_candle)
    return {name: Peer(name, chosen) for name in rust + torch + half + ["jax"] * chosen.jax}


def same_answers(peers, networks, folder):
    """Stops unless every peer computes the same logits, gradients and statistics from the same weights and inputs."""
    for name, network in networks.items():
        peers["horesnet"].ask("export", network=network)
        reference = None
        for double in (True, False):
            for peer in list(peers):
                if double and peer.endswith("-bf16"):
                    continue
                file = folder / f"{name}-{peer}.safetensors"
                try:
                    peers[peer].ask("check", network=network, double=double, answers=str(file))
                except Failure as failure:
                    without(peers, peer, failure)
                    continue
                answers = load_file(file)
                reference = reference or answers
                if reference is not answers:
                    agree(name, peer, double, reference, answers)


def agree(name, peer, double, reference, answers):
    limits = DOUBLE if double else HALF if peer.endswith("-bf16") else SINGLE if peer == "horesnet" else OTHERS
    for what, limit in limits.items():
        chosen = {key: tensor for key, tensor in answers.items() if what in key}
        expected = {key: tensor for key, tensor in reference.items() if what in key}
        worst, where = worst_difference(expected, chosen, largest if double else root_mean_square)
        number = "f64" if double else "f32"
        print(f"same: {name} in {number}, {peer}: {len(chosen)} {what or 'tensors'} to {worst:.0e} ({where})", flush=True)
        if not worst <= limit:
            sys.exit(f"{peer} differs from {name} in f64 by more than {limit:.0e}, in {where}: nothing is measured")


def largest(tensor):
    return tensor.abs().max().item()


def root_mean_square(tensor):
    return tensor.square().mean().sqrt().item()


def worst_difference(expected, found, size):
    """The largest difference of two tensors over what is expected, both measured by `size`, and where it is."""
    if expected.keys() != found.keys():
        return float("inf"), f"what there is: {', '.join(sorted(expected.keys() ^ found.keys())[:4])}"
    differences = []
    for name, tensor in expected.items():
        tensor, other = tensor.double(), found[name].double()
        if tensor.shape != other.shape:
            return float("inf"), f"the shape of {name}"
        difference = size(tensor - other) / (size(tensor) or 1.0)
        differences.append((float("inf") if difference != difference else difference, name))
    return max(differences)


def without(peers, peer, failure):
    """Goes on without torch.compile, which needs a C++ compiler; every other peer must work."""
    if not peer.startswith("compile"):
        sys.exit(f"{peer}: {failure}")
    peers[peer].missing = str(failure).strip().splitlines()[0]
    print(f"torch.compile is not available: {peers[peer].missing}", flush=True)
    peers.pop(peer).stop()


def measure(peers, row, rounds, turn):
    """Seconds of every repetition of a row by each peer, turn by turn, after a turn to warm up."""
    times, counts, prints = {}, {}, {}
    for peer in list(peers):
        if peer == "jax" and row["kind"] != "network":
            continue
        try:
            prints[peer] = peers[peer].ask("prepare", row=row)["fingerprint"]
            warm = peers[peer].ask("run", times=2)["seconds"]
        except Failure as failure:
            without(peers, peer, failure)
            continue
        counts[peer] = max(1, min(500, round(turn / min(warm))))
        times[peer] = []
    for peer, fingerprint in prints.items():
        limit = 5e-2 if peer.endswith("-bf16") else 1e-3
        for one, other in zip(prints["horesnet"], fingerprint, strict=True):
            if abs(one - other) > limit * max(abs(one), 1e-6):
                sys.exit(f"{peer} and horesnet differ: {fingerprint} and {prints['horesnet']}")
    for number in range(rounds + 1):
        for peer in times:
            time.sleep(PAUSE)
            seconds = peers[peer].ask("run", times=counts[peer])["seconds"]
            if number > 0:
                times[peer].append(seconds)
    return times


def measure_quietly(peers, row, rounds, turn):
    """As `measure`, repeated while the machine is busy or turns disagree; with what is wrong with the last one, if anything."""
    cores, why = os.cpu_count(), None
    for _ in range(quiet.TRIES):
        idle = quiet.wait(cores)
        times = measure(peers, row, rounds, turn)
        if not idle or quiet.is_busy(cores):
            why = "busy"
            continue
        widest = max(times, key=lambda peer: quiet.spread(times[peer]) if peer != "candle" else 0)
        if quiet.spread(times[widest]) <= quiet.WIDE:
            return times, None
        why = "spread"
    return times, why


def memory(chosen, names, networks):
    """What a step of training takes, each in a process that has done nothing else."""
    used = {}
    for name, network in networks.items():
        used[name] = {}
        for peer in names:
            if peer == "jax":
                continue
            process = Peer(peer, chosen, keep=False)
            try:
                process.ask("prepare", row={"kind": "network", "network": network, "train": True})
                process.ask("run", times=2)
                used[name][peer] = process.ask("memory")
            except Failure as failure:
                print(f"memory of {name} by {peer}: {failure}", flush=True)
            process.stop()
    return used


def main():
    chosen = options()
    with tempfile.TemporaryDirectory() as folder:
        found = compare(chosen, Path(folder))
    if chosen.json:
        chosen.json.write_text(json.dumps(found, indent=1) + "\n")


def compare(chosen, folder):
    everything = growth(folder) if chosen.growth else rows(folder)
    wanted = {name: row for name, row in everything.items() if re.search(chosen.only, name)}
    if not wanted:
        sys.exit(f"no row matches `{chosen.only}`; there are: {'; '.join(everything)}")
    peers = start(chosen)
    try:
        networks = {row["network"]["name"]: row["network"] for row in wanted.values() if row["kind"] == "network"}
        for network in networks.values():
            network["tableau"] = peers["horesnet"].ask("tableau", scheme=network["scheme"])
        about = {name: peer.ask("about") for name, peer in peers.items()}
        same_answers(peers, networks, folder)
        bandwidth = peers["horesnet"].ask("bandwidth", bytes=COPIED)["bytes_per_second"]
        table.head(list(about))
        medians, times, doubts = {}, {}, {}
        for name, row in wanted.items():
            if chosen.quick:
                times[name], doubts[name] = measure(peers, row, chosen.rounds, 0.02), "quick"
            else:
                times[name], doubts[name] = measure_quietly(peers, row, chosen.rounds, 0.2)
            medians[name] = {peer: statistics.median(sum(turns, [])) for peer, turns in times[name].items()}
            bytes_moved = floor(row)
            medians[name]["floor"] = bytes_moved and bytes_moved / bandwidth
            table.line(name, medians[name], list(about), doubts[name])
        names = list(peers)
    finally:
        for peer in peers.values():
            peer.stop()
    # Resident memory says nothing of a GPU's.
    used = memory(chosen, names, networks) if chosen.device == "cpu" and not chosen.growth else {}
    table.memory(used, list(about))
    table.foot(about, names, bandwidth, chosen)
    return {"about": about, "bandwidth": bandwidth, "device": chosen.device, "threads": chosen.threads, "isa": chosen.isa, "doubts": doubts, "medians": medians, "times": times, "memory": used}


if __name__ == "__main__":
    main()
