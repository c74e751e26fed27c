#!/usr/bin/env python3
"""Fails if the compiler is built twice for the program: once for itself, and once for `ho_block!`.

Cargo builds a crate once for both if its features, and those of all that it depends on, are the same. The
build-dependencies of horesnet-cli turn on the features that candle turns on; an update of candle may change them.
"""

import collections
import re
import subprocess
import sys


def tree(*arguments):
    """Returns the features of each package in a tree of dependencies, as sets of strings."""
    host = re.search(r"host: (\S+)", subprocess.check_output(["rustc", "-vV"], text=True))[1]
    command = ["cargo", "tree", "--locked", "--target", host, "--edges", "normal", "--no-dedupe"]
    command += ["--prefix", "none", "--format", "{p} [{f}]", *arguments]
    found = collections.defaultdict(set)
    for line in subprocess.check_output(command, text=True).splitlines():
        package, version, features = re.match(r"(\S+) (\S+).* \[(.*)\]", line).groups()
        found[f"{package} {version}"].add(features)
    return found


program = tree("--package", "horesnet-cli", "--edges", "normal,build")
twice = {
    package: features
    for package in tree("--package", "horesnet-compiler")
    if len(features := program[package]) > 1
}
for package, features in twice.items():
    print(f"{package} is built twice: for {' and for '.join(sorted(features))}")
if twice:
    sys.exit("make the features equal in the build-dependencies of horesnet-cli")
print("the compiler and its dependencies are built once")
