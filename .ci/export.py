#!/usr/bin/env python3
"""Runs exported networks with onnx's checker, onnxruntime, tract and PyTorch, and compares the logits.

usage: export.py FOLDER

The tests of exports keep them in FOLDER. Programs that are not installed are skipped, and named.
"""

import collections
import importlib
import importlib.util
import json
import pathlib
import re
import subprocess
import sys

TOLERANCE = 1e-5


def installed(name):
    try:
        return importlib.import_module(name)
    except (ImportError, ValueError, OSError) as why:
        print(f"skipped: {name} ({why})")
        return None


def module(path, ending=""):
    """Imports a Python file under a name of its own."""
    spec = importlib.util.spec_from_file_location(path.parent.name.replace("-", "_") + ending, path)
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def with_blocks(case, code):
    """The network with the blocks that `horesnet convert --to pytorch` writes, and all weights of the run by their names."""
    from safetensors.torch import load_file

    own = module(case / "block.py", "_block")
    block = next(value for name, value in vars(own).items() if name.endswith("Block") and name != "Block")
    arguments, network = json.loads((case / "block.json").read_text()), code.network()
    blocks = [name for name, part in network.named_modules() if type(part) is code.Block]
    for depth, name in enumerate(blocks):
        old = network.get_submodule(name)
        kept = {"shortcut", "activation"}
        functions = [function for name, function in old.named_children() if name not in kept]
        shared = hasattr(old, "stages")
        made = block(functions[0] if shared else functions, **arguments, **({"depth": depth} if "rate" in arguments else {}))
        made.shortcut, made.activation = old.shortcut, old.activation
        network.set_submodule(name, made)
    network.load_state_dict(load_file(case / "run.safetensors"))
    return network.eval()


def classify(folder):
    """Runs the last command of "From pictures to ONNX" in README.md, which must find the class that `horesnet predict` found."""
    script = pathlib.Path(__file__).resolve().parent.parent / "examples" / "classify.py"
    command = [sys.executable, script, folder / "pictures.onnx", folder / "new.jpg"]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    expected = f"{folder / 'new.jpg'}: {(folder / 'class').read_text()}\n"
    if printed != expected:
        sys.exit(f"error: classify.py printed {printed!r}, expected {expected!r}")
    print(f"classify.py: {printed.strip()}")


def main(folder):
    numpy = installed("numpy")
    onnx, onnxruntime = installed("onnx"), installed("onnxruntime")
    tract, torch = installed("tract"), installed("safetensors") and installed("torch")
    if numpy is None:
        return 0
    cases = sorted(path for path in pathlib.Path(folder).iterdir() if (path / "logits.f32").exists())
    if not cases:
        sys.exit(f"error: no exports in {folder}")
    failed, largest, compared = 0, {}, collections.defaultdict(set)

    def compare(case, program, expected, logits):
        nonlocal failed
        assert logits.shape == expected.shape
        distance = numpy.abs(logits - expected).max() / numpy.abs(expected).max()
        largest[program] = max(largest.get(program, 0.0), distance)
        compared[program].add(case)
        # NaN is no small difference.
        if not distance <= TOLERANCE:
            failed += 1
            print(f"error: {case.name}, {program}: {distance:.1e}", file=sys.stderr)

    for case in cases:
        [size] = re.findall(r"^INPUT_SIZE = (\[[^]]*\])", (case / "model.py").read_text(), re.MULTILINE)
        images = numpy.fromfile(case / "images.f32", numpy.float32).reshape(-1, *json.loads(size))
        expected = numpy.fromfile(case / "logits.f32", numpy.float32).reshape(len(images), -1)
        # One image, some, and all: the size of a batch is free.
        parts = [slice(1), slice(1, 4), slice(None)]
        if onnx is not None:
            onnx.checker.check_model(onnx.load(case / "model.onnx"), full_check=True)
        if onnxruntime is not None:
            session = onnxruntime.InferenceSession(str(case / "model.onnx"), providers=["CPUExecutionProvider"])
            for part in parts:
                (logits,) = session.run(["logits"], {"image": images[part]})
                compare(case, "onnxruntime", expected[part], logits)
        if tract is not None:
            model = tract.onnx().load(case / "model.onnx").into_model().into_runnable()
            for part in parts:
                (logits,) = model.run([images[part]])
                compare(case, "tract", expected[part], logits.to_numpy())
        if torch:
            code = module(case / "model.py")
            networks = {"PyTorch": code.load()}
            assert expected.shape[1] == len(code.LABEL_NAMES)
            if (case / "block.py").exists():
                networks["PyTorch, blocks of `convert`"] = with_blocks(case, code)
            for program, network in networks.items():
                with torch.no_grad():
                    compare(case, program, expected, network(torch.from_numpy(images)).numpy())
    if onnxruntime is not None and installed("PIL"):
        classify(pathlib.Path(folder) / "pictures")
    for program, distance in largest.items():
        print(f"{program}: {len(compared[program])} networks, logits apart by at most {distance:.1e}")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]) if len(sys.argv) == 2 else __doc__)
