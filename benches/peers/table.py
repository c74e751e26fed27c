"""What is printed: times and ratios, memory, and what each peer is."""

import os
import platform

NAMES = {"horesnet": "horesnet", "candle": "candle", "eager": "torch", "compile": "compiled"}
WIDE = 38


def head(peers):
    titles = ["floor"] + [NAMES[peer] for peer in peers]
    ratios = ["/floor"] + ["/" + NAMES[peer] for peer in peers[1:]]
    print(f"\n{'milliseconds; ratios: horesnet/other':{WIDE}}" + "".join(f"{title:>10}" for title in titles + ratios), flush=True)


def line(name, medians, peers):
    times = [medians.get(key) for key in ["floor"] + peers]
    ratios = [medians["horesnet"] / other if other else None for other in times[:1] + times[2:]]
    shown = [f"{1000 * time:.3f}" if time else "-" for time in times] + [f"{ratio:.2f}" if ratio else "-" for ratio in ratios]
    print(f"{name:{WIDE}}" + "".join(f"{text:>10}" for text in shown), flush=True)


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
    print(f"floor: bytes that must move at {bandwidth / 1e9:.1f} GB/s, read and written, as a copy of 256 MiB on {chosen.device} does here; what fits a cache can be faster")
    print(f"f32; medians of {chosen.rounds} turns each, the peers one after the other; {processor()}, {os.cpu_count()} cores, {platform.system()}")
    load = os.getloadavg()[0]
    if load > chosen.threads + 0.5 and load > os.cpu_count() * 0.75:
        print(f"the load of this machine is {load:.1f}: something else runs, and these times are not to be quoted")


def processor():
    try:
        with open("/proc/cpuinfo") as lines:
            return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
