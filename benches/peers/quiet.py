"""Whether a measurement may be quoted: nothing else ran, and the turns of each peer agree."""

import statistics
import time

BUSY = 0.15  # cores that something else may use
WIDE = 0.12  # spread of the turns' medians, between quartiles, over the median
TRIES = 3


def used():
    """Seconds of all cores that were not idle, since the machine started, and of all together."""
    with open("/proc/stat") as lines:
        times = [int(number) for number in lines.readline().split()[1:9]]
    return sum(times) - times[3] - times[4], sum(times)


def is_busy(cores, seconds=0.5):
    """True if something uses the machine while no peer works."""
    before = used()
    time.sleep(seconds)
    after = used()
    return (after[0] - before[0]) > BUSY / cores * (after[1] - before[1])


def wait(cores, tries=20):
    """Waits until the machine is idle; returns False if that does not happen."""
    for _ in range(tries):
        if not is_busy(cores):
            return True
        time.sleep(1)
    return False


def spread(turns):
    """The distance of the quartiles of the turns' medians, over their median."""
    medians = sorted(statistics.median(turn) for turn in turns)
    if len(medians) < 3:
        return 0.0
    low, middle, high = statistics.quantiles(medians, n=4, method="inclusive")
    return (high - low) / middle
