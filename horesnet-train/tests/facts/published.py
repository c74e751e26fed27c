"""The published HO-ResNet network in PyTorch, with right schemes: what tests/network/parity.rs compares ours with.

    python published.py > published.json              the numbers the tests hold (made with PyTorch 2.15, float64 on the CPU)
    python published.py load SCHEME FILE [WIDTHS]     logits of a file of ours, as JSON
    python published.py save SCHEME FILE [WIDTHS]     a file for us to load, and the logits it gives, as JSON

With one block a group; WIDTHS are 16,32,64 unless others are given.

Names of parameters are those of our files, so `load_state_dict(load_file(...), strict=False)` takes them; PyTorch counts
batches in `num_batches_tracked`, which we do not. Weights and images are given by a formula and rounded to float32.
"""

import json
import math
import re
import sys
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import nn

FACTS = Path(__file__).resolve().parents[3] / "horesnet-compiler/tests/facts"


def verner():
    """Rows and weights of the pair of 1978, order 8, from the exact coefficients of verner89_exact.txt."""
    a, b = [[0.0] * i for i in range(14)], [0.0] * 14
    for line in (FACTS / "verner89_exact.txt").read_text().splitlines():
        entry = re.match(r"a(\d+),(\d+) = ([^#]*)", line)
        weight = re.match(r"b8_(\d+) = ([^#]*)", line)
        if entry and int(entry[1]) <= 14:
            a[int(entry[1]) - 1][int(entry[2]) - 1] = eval(entry[3], {"sqrt": math.sqrt})
        elif weight and int(weight[1]) <= 14:
            b[int(weight[1]) - 1] = eval(weight[2], {"sqrt": math.sqrt})
    assert abs(sum(b) - 1) < 1e-14
    return a, b


SCHEMES = {
    "euler": lambda: ([[]], [1]),
    "rk4": lambda: ([[], [1 / 2], [0, 1 / 2], [0, 0, 1]], [1 / 6, 1 / 3, 1 / 3, 1 / 6]),
    "verner8": verner,
}


class Stage(nn.Module):
    """conv(relu(norm(conv(relu(norm(x)))))), 3x3, no biases."""

    def __init__(self, before, channels, stride=1):
        super().__init__()
        self.norm1, self.conv1 = nn.BatchNorm2d(before), conv3x3(before, channels, stride)
        self.norm2, self.conv2 = nn.BatchNorm2d(channels), conv3x3(channels, channels)

    def forward(self, xs):
        return self.conv2(F.relu(self.norm2(self.conv1(F.relu(self.norm1(xs))))))


class Block(nn.Module):
    """A step of a scheme and a ReLU; with a stride, the first stage works on what the shortcut is made of."""

    def __init__(self, scheme, before, channels, stride):
        super().__init__()
        self.a, self.b = SCHEMES[scheme]()
        self.stride, self.new = stride, channels - before
        for i in range(len(self.b)):
            first = (before, channels, stride) if i == 0 else (channels, channels)
            self.add_module(f"stage{i + 1}", Stage(*first))

    def forward(self, xs):
        x, ks = xs, []
        if self.stride > 1:
            x = F.pad(xs[:, :, ::2, ::2], (0, 0, 0, 0, self.new // 2, self.new // 2))
        for i, (row, f) in enumerate(zip(self.a, self.children())):
            ks.append(f(xs if i == 0 else x + sum(a * k for a, k in zip(row, ks) if a)))
        return F.relu(x + sum(b * k for b, k in zip(self.b, ks) if b))


class CFResNet(nn.Module):
    def __init__(self, scheme, blocks, widths=(16, 32, 64), classes=10):
        super().__init__()
        self.stem = nn.ModuleDict({"conv": conv3x3(3, widths[0], 2), "norm": nn.BatchNorm2d(widths[0])})
        before = widths[0]
        for g, (width, count) in enumerate(zip(widths, blocks)):
            group = nn.Module()
            for i in range(count):
                stride = 2 if g > 0 and i == 0 else 1
                group.add_module(f"block{i + 1}", Block(scheme, before, width, stride))
                before = width
            self.add_module(f"group{g + 1}", group)
        self.head = nn.ModuleDict({"linear": nn.Linear(before, classes)})

    def forward(self, xs):
        xs = F.relu(self.stem["norm"](self.stem["conv"](xs)))
        for g in range(1, 4):
            for block in getattr(self, f"group{g}").children():
                xs = block(xs)
        return self.head["linear"](F.avg_pool2d(xs, xs.shape[3]).flatten(1))


def conv3x3(before, channels, stride=1):
    return nn.Conv2d(before, channels, 3, stride, padding=1, bias=False)


def waves(name, shape):
    """sin(0.37·n² + phase) for n = 1, 2, …, the phase a hash of the name."""
    phase = sum(byte * (i + 1) for i, byte in enumerate(name.encode())) % 997
    count = math.prod(shape)
    values = [math.sin(0.37 * (n * n) + phase) for n in range(1, count + 1)]
    return torch.tensor(values, dtype=torch.float64).reshape(shape)


def value(name, shape):
    wave = waves(name, shape)
    if len(shape) > 1:
        wave = wave * math.sqrt(4 / math.prod(shape[1:]))
    elif name.endswith("running_var"):
        wave = 1 + 0.5 * wave
    elif "norm" in name and name.endswith("weight"):
        wave = 1 + 0.1 * wave
    else:
        wave = 0.1 * wave
    return wave.float()


def network(scheme, blocks, widths=(16, 32, 64)):
    made = CFResNet(scheme, blocks, widths)
    state = {name: value(name, t.shape) for name, t in made.state_dict().items() if t.dim() > 0}
    made.load_state_dict(state, strict=False)
    return made


IMAGES = waves("images", (4, 3, 16, 16)).float()
LABELS = torch.tensor([3, 1, 4, 1])


def facts(scheme, blocks):
    made = network(scheme, blocks).double()
    made.eval()
    with torch.no_grad():
        test = made(IMAGES.double())
    made.train()
    logits = made(IMAGES.double())
    loss = F.cross_entropy(logits, LABELS)
    loss.backward()
    few = lambda t: [t.norm().item()] + [t.flatten()[i].item() for i in (0, t.numel() // 2, -1)]
    return {
        "blocks": blocks,
        "parameters": sum(p.numel() for p in made.parameters()),
        "test": test.flatten().tolist(),
        "train": logits.flatten().tolist(),
        "loss": loss.item(),
        "gradients": {name: few(p.grad) for name, p in made.named_parameters()},
        "statistics": {name: few(b) for name, b in made.named_buffers() if b.dim() > 0},
    }


def rounded(value):
    if isinstance(value, float):
        return float(f"{value:.12g}")
    if isinstance(value, list):
        return [rounded(v) for v in value]
    if isinstance(value, dict):
        return {key: rounded(v) for key, v in value.items()}
    return value


def main():
    if len(sys.argv) == 1:
        cases = {"rk4": [1, 1, 1], "euler": [1, 2, 1], "verner8": [1, 1, 1]}
        entries = [f"{json.dumps(name)}: {json.dumps(rounded(facts(name, blocks)))}" for name, blocks in cases.items()]
        print("{\n" + ",\n".join(entries) + "\n}")
        return
    command, scheme, file, *widths = sys.argv[1:]
    widths = [int(width) for width in (widths or ["16,32,64"])[0].split(",")]
    made = network(scheme, [1, 1, 1], widths)
    if command == "load":
        missing, unexpected = made.load_state_dict(load_file(file), strict=False)
        assert not unexpected and all(name.endswith("num_batches_tracked") for name in missing), (missing, unexpected)
    else:
        save_file(made.state_dict(), file)
    made.eval()
    with torch.no_grad():
        print(json.dumps(made(IMAGES).flatten().tolist()))


main()
