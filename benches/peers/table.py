"""What is printed: times and ratios, memory, and what each peer is."""

import os
import platform

NAMES = {
    "horesnet": "horesnet",
    "candle": "candle",
    "eager": "torch",
    "eager-last": "torch cl",
    "compile": "compiled",
    "compile-last": "compiled cl",
    "jax": "jax",
}
NAMES |= {f"{name}-bf16": f"{title} bf16" for name, title in NAMES.items()}
WIDE = 38
COLUMN = 18


def column(text):
    return f"{text:>{max(COLUMN if 'bf16' in text else 12, len(text) + 2)}}"


def is_torch(peer):
    return peer not in ("horesnet", "horesnet-bf16", "candle", "jax")


def ratios(medians, peers):
    """HoresNet over the floor, candle, and the best PyTorch of the same precision."""
    best = lambda names: min((medians[name] for name in names if medians.get(name)), default=None)
    torch = [peer for peer in peers if is_torch(peer)]
    single, half = ([peer for peer in torch if peer.endswith("-bf16") == is_half] for is_half in (False, True))
    found = {"/floor": medians["floor"], "/candle": medians.get("candle"), "/best": best(single)}
    found = {name: (medians["horesnet"], other) for name, other in found.items()}
    if half:
        found["/best bf16"] = (medians.get("horesnet-bf16"), best(half))
    return {name: ours / other if ours and other else None for name, (ours, other) in found.items()}


def head(peers):
    titles = ["floor"] + [NAMES[peer] for peer in peers] + ["/floor", "/candle", "/best"]
    if any(peer.endswith("-bf16") for peer in peers):
        titles.append("/best bf16")
    print(f"\n{'milliseconds; ratios: horesnet/other':{WIDE}}" + "".join(map(column, titles)), flush=True)


def line(name, medians, peers, doubt):
    """A row; without ratios if the measurement is in doubt."""
    titles = ["floor"] + [NAMES[peer] for peer in peers]
    times = [medians.get(key) for key in ["floor"] + peers]
    shown = [(title, f"{1000 * time:.3f}" if time else "-") for title, time in zip(titles, times)]
    for title, ratio in ratios(medians, peers).items():
        shown.append((title, doubt or (f"{ratio:.2f}" if ratio else "-")))
    print(f"{name:{WIDE}}" + "".join(f"{text:>{len(column(title))}}" for title, text in shown), flush=True)


def memory(used, peers):
    if not used:
        return
    print(f"\n{'MiB a step of training; growth, peak':{WIDE}}" + "".join(f"{NAMES[peer]:>18}" for peer in peers))
    for name, found in used.items():
        texts = [
            f"+{found[peer]['growth'] / 2**20:.1f}, {found[peer]['peak'] / 2**20:.0f}" if peer in found else "-" for peer in peers
        ]
        print(f"{name:{WIDE}}" + "".join(f"{text:>18}" for text in texts))
    print("growth: over what was resident before the step. peak: the whole process, libraries included.")


def foot(about, available, bandwidth, chosen):
    print()
    for name, what in about.items():
        threads = f"{what['threads']} thread{'s' if what['threads'] > 1 else ''}"
        missing = "" if name in available else "; NOT AVAILABLE here"
        print(f"{NAMES[name]}: {what['version']}: {what['what']}; {what['layout']}; allocator: {what['allocator']}; {threads}{missing}")
    print("/best: over the fastest PyTorch of that precision. busy, spread: something else ran, or turns disagreed; no ratio to quote")
    print(f"floor: bytes that must move at {bandwidth / 1e9:.1f} GB/s, read and written, as a copy of 256 MiB on {chosen.device} does here; what fits a cache can be faster")
    print(f"f32; medians of {chosen.rounds} turns each, the peers one after the other; {processor()}, {os.cpu_count()} cores, {platform.system()}; instructions: {chosen.isa}")


def processor():
    try:
        with open("/proc/cpuinfo") as lines:
            return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
