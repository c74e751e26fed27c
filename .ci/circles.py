#!/usr/bin/env python3
"""Fails if modules of a crate import each other in a circle.

A unit is a folder, or a file that stands beside folders. Units of one folder must form no circle, at every level of
`src/`. Files of a folder without subfolders may refer to each other. `lib.rs`, `main.rs` and `mod.rs` name what they
contain, so they are no units; names that `lib.rs` re-exports count for the unit that defines them. Code under
`#[cfg(test)]`, comments and strings do not count.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent)
HEADS = {"lib", "main", "mod"}
NOISE = re.compile(
    r'//[^\n]*|/\*.*?\*/|b?r(#*)".*?"\1|b?"(?:[^"\\]|\\.)*"|b?\'(?:[^\'\\]|\\.)\'', re.S
)


def code(path):
    """Returns the source without comments, literals and tests."""
    text = NOISE.sub(" ", path.read_text())
    kept, at = [], 0
    for test in re.finditer(r"#\[cfg\((?:all\()?test\b[^\]]*\]", text):
        if test.start() < at:
            continue
        kept.append(text[at : test.start()])
        at, depth = test.end(), 0
        while at < len(text):
            depth += {"{": 1, "}": -1}.get(text[at], 0)
            at += 1
            if depth == 0 and text[at - 1] in ";}":
                break
    return "".join(kept) + text[at:]


def leaves(tree, prefix=()):
    """Yields the paths of a use tree such as `a::{b, c::{self, D}}`."""
    tree = re.sub(r"\s+as\s+\w+", "", tree).strip()
    brace = tree.find("{")
    if brace < 0:
        yield prefix + tuple(part.strip() for part in tree.split("::") if part.strip())
        return
    prefix += tuple(part.strip() for part in tree[:brace].split("::") if part.strip())
    depth, start = 0, brace + 1
    for i in range(brace, len(tree)):
        depth += {"{": 1, "}": -1}.get(tree[i], 0)
        if (tree[i] == "," and depth == 1) or (tree[i] == "}" and depth == 0):
            if tree[start:i].strip():
                yield from leaves(tree[start:i], prefix)
            start = i + 1
        if depth == 0:
            return


def paths(text, module):
    """Yields what a module refers to, as paths from the root of its crate."""
    found = [leaf for tree in re.findall(r"\buse\s+([^;]+);", text) for leaf in leaves(tree)]
    rest = re.sub(r"\buse\s+[^;]+;", " ", text)
    found += [tuple(path.split("::")) for path in re.findall(r"\b(?:crate|super)(?:::\w+)+", rest)]
    for path in found:
        if path[0] == "crate":
            yield path[1:]
        elif path[0] in ("self", "super"):
            base = module
            while path and path[0] in ("self", "super"):
                base = base[:-1] if path[0] == "super" else base
                path = path[1:]
            yield base + path


def edges(src):
    """Returns, for each folder, which of its units refer to which, and one file that does."""
    modules = {}
    for path in sorted(src.rglob("*.rs")):
        parts = path.relative_to(src).with_suffix("").parts
        if parts[-1] != "tests":
            modules[parts[:-1] if parts[-1] in HEADS else parts] = path
    texts = {module: code(path) for module, path in modules.items()}
    exports = {}
    for tree in re.findall(r"\bpub(?:\([^)]*\))?\s+use\s+([^;]+);", texts.get((), "")):
        for leaf in leaves(tree):
            leaf = leaf[1:] if leaf[0] in ("crate", "self") else leaf
            exports.setdefault(leaf[-1], leaf)
    found = {}
    for module, text in texts.items():
        if not module:
            continue
        for target in paths(text, module):
            if target and target[:1] not in modules and target[0] in exports:
                target = exports[target[0]] + target[1:]
            common = 0
            while common < min(len(module), len(target)) and module[common] == target[common]:
                common += 1
            if common == len(module) or common == len(target) or target[: common + 1] not in modules:
                continue
            folder = found.setdefault(module[:common], {})
            folder.setdefault(module[common], {}).setdefault(target[common], modules[module])
    return {
        folder: graph
        for folder, graph in found.items()
        if any((src.joinpath(*folder, unit)).is_dir() for unit in graph)
    }


def circle(graph):
    """Returns a shortest circle of a graph, or nothing."""
    best = None
    for start in graph:
        queue, seen = [[start]], set()
        while queue:
            way = queue.pop(0)
            for unit in graph.get(way[-1], {}):
                if unit == start and (best is None or len(way) < len(best)):
                    best = way
                elif unit not in seen and unit != start:
                    seen.add(unit)
                    queue.append(way + [unit])
    return best


def main():
    failed = 0
    for src in sorted(ROOT.glob("horesnet-*/src")) + [ROOT / "src"]:
        for folder, graph in sorted(edges(src).items()):
            found = circle(graph)
            if found:
                failed += 1
                print(f"error: circle of imports in {src.joinpath(*folder).relative_to(ROOT)}/", file=sys.stderr)
                for unit, target in zip(found, found[1:] + found[:1]):
                    print(f"  {unit} -> {target}: {graph[unit][target].relative_to(ROOT)}", file=sys.stderr)
    print(f"{failed} circles of imports between folders")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
