"""The order of bundled schemes by HoresNet and by NodePy, in turns: medians, and how many times longer NodePy takes.

HoresNet: a run of `horesnet check`, the start of the process, reading and all proofs included.
NodePy: the call of `order` alone, on a method that is already built from the same exact coefficients.
  float   all conditions in double precision to within 1e-8: quick, and no proof
  exact   symbolic: a proof; a scheme that takes longer than LIMIT is given up
"""

import contextlib
import io
import json
import multiprocessing
import statistics
import subprocess
import sys
import time

import numpy as np
from nodepy import runge_kutta_method as rk
from sympy import sympify

SCHEMES = ["rk4", "kutta_nystrom5", "dopri5", "butcher6", "verner_efficient7", "verner8", "feagin10", "feagin14"]
ROUNDS = 5
LIMIT = 120  # seconds


def method(horesnet, scheme):
    """NodePy's form of a bundled scheme, coefficient by coefficient."""
    text = subprocess.run([horesnet, "convert", scheme, "--to", "json"], check=True, capture_output=True, text=True).stdout
    table = json.loads(text)
    exact = lambda entry: sympify(entry, rational=True)
    stages = len(table["c"])
    a = np.array([[exact(entry) for entry in row] for row in table["A"]], dtype=object).reshape(stages, stages)
    b = np.array([exact(entry) for entry in table["b"]], dtype=object)
    return rk.ExplicitRungeKuttaMethod(a, b), table["order"]


def ours(horesnet, scheme):
    start = time.perf_counter()
    out = subprocess.run([horesnet, "check", scheme, "--json"], check=True, capture_output=True, text=True).stdout
    seconds = time.perf_counter() - start
    return seconds, json.loads(out)[0]["weights"][0]["order"]


def theirs(built, **how):
    with contextlib.redirect_stdout(io.StringIO()):
        start = time.perf_counter()
        order = built.order(**how)
        return time.perf_counter() - start, order


def exact(horesnet, scheme, queue):
    built, _ = method(horesnet, scheme)
    queue.put(theirs(built, mode="exact"))


def limited(horesnet, scheme):
    """NodePy's symbolic check, in a process that can be given up."""
    queue = multiprocessing.Queue()
    process = multiprocessing.Process(target=exact, args=(horesnet, scheme, queue))
    process.start()
    process.join(LIMIT)
    if process.is_alive():
        process.kill()
        process.join()
        return None
    return queue.get() if not queue.empty() else None


def main(horesnet, schemes):
    print(f"{'scheme':20} {'horesnet':>10} {'float':>10} {'ratio':>8} {'exact':>10} {'ratio':>8}   orders")
    for scheme in schemes:
        built, claim = method(horesnet, scheme)
        how = {"mode": "float", "tol": 1e-8, "extremely_high_order": claim > 10}
        mine, floats, symbolic = [], [], []
        orders = set()
        for _ in range(ROUNDS):
            seconds, order = ours(horesnet, scheme)
            mine.append(seconds)
            orders.add(f"horesnet {order}")
            seconds, order = theirs(built, **how)
            floats.append(seconds)
            orders.add(f"float {order}")
            found = limited(horesnet, scheme) if not symbolic or symbolic[-1] else None
            if found:
                orders.add(f"exact {found[1]}")
            symbolic.append(found and found[0])
        own, quick = statistics.median(mine), statistics.median(floats)
        slow = statistics.median(symbolic) if all(symbolic) else None
        shown = f"{slow:10.3f} {slow / own:8.1f}" if slow else f"{'> ' + str(LIMIT):>10} {'> ' + str(int(LIMIT / own)):>8}"
        print(f"{scheme:20} {own:10.4f} {quick:10.4f} {quick / own:8.1f} {shown}   {', '.join(sorted(orders))}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:] or SCHEMES)
