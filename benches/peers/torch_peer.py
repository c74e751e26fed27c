"""The PyTorch peers of the comparison: `torch_peer.py VARIANT DEVICE`, with a variant such as `eager` or `compile-last-bf16`.

The protocol is that of the Rust peers: a request a line on standard input, an answer a line, both JSON (src/request.rs).
`compile` is torch.compile in its default mode. With `-last`, images have channels last, in PyTorch's `channels_last` format;
otherwise they come first and are contiguous. With `-bf16`, forward passes run under autocast to bfloat16.
"""

import ctypes
import os
import sys
import time

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import nn

from serve import serve

MOMENTUM, DECAY, RATE = 0.9, 5e-4, 1e-4


class Unit(nn.Module):
    """Normalisation, ReLU, 3x3 convolution."""

    def __init__(self, names, channels, to, stride=1):
        super().__init__()
        self.names = names
        self.add_module(names[0], nn.BatchNorm2d(channels))
        self.add_module(names[1], conv3x3(channels, to, stride))

    def forward(self, xs):
        norm, conv = (getattr(self, name) for name in self.names)
        return conv(F.relu(norm(xs)))


class Residual(nn.Module):
    """F(x) = conv(relu(norm(conv(relu(norm(x))))))."""

    def __init__(self, channels):
        super().__init__()
        self.norm1, self.conv1 = nn.BatchNorm2d(channels), conv3x3(channels, channels)
        self.norm2, self.conv2 = nn.BatchNorm2d(channels), conv3x3(channels, channels)

    def forward(self, xs):
        return self.conv2(F.relu(self.norm2(self.conv1(F.relu(self.norm1(xs))))))


class Block(nn.Module):
    """A step of a scheme, each stage with a residual function of its own."""

    def __init__(self, tableau, channels):
        super().__init__()
        self.a, self.b = tableau["a"], tableau["b"]
        for i in range(len(self.b)):
            self.add_module(f"stage{i + 1}", Residual(channels))

    def forward(self, xs):
        ks = []
        for row, f in zip(self.a, self.children()):
            ks.append(f(combination(xs, row, ks)))
        return combination(xs, self.b, ks)


class Group(nn.Module):
    def __init__(self, tableau, before, channels, blocks):
        super().__init__()
        if before is not None:
            self.transition = Unit(("norm", "conv"), before, channels, stride=2)
        for i in range(blocks):
            self.add_module(f"block{i + 1}", Block(tableau, channels))

    def forward(self, xs):
        for part in self.children():
            xs = part(xs)
        return xs


class Network(nn.Module):
    def __init__(self, tableau, widths, blocks, in_channels=3, classes=10):
        super().__init__()
        self.stem = nn.ModuleDict({"conv": conv3x3(in_channels, widths[0], 2), "norm": nn.BatchNorm2d(widths[0])})
        for i, (width, count) in enumerate(zip(widths, blocks)):
            self.add_module(f"group{i + 1}", Group(tableau, widths[i - 1] if i else None, width, count))
        self.groups = [f"group{i + 1}" for i in range(len(widths))]
        self.head = nn.ModuleDict({"norm": nn.BatchNorm2d(widths[-1]), "linear": nn.Linear(widths[-1], classes)})

    def forward(self, xs):
        xs = F.relu(self.stem["norm"](self.stem["conv"](xs)))
        for group in self.groups:
            xs = getattr(self, group)(xs)
        return self.head["linear"](F.relu(self.head["norm"](xs)).mean((2, 3)))


def conv3x3(channels, to, stride=1):
    return nn.Conv2d(channels, to, 3, stride, padding=1, bias=False)


def combination(x, coefficients, ks):
    """x + sum of c*k; factors of 0 and 1 cost nothing, as if each block were written by hand."""
    y = x
    for c, k in zip(coefficients, ks):
        if c == 1:
            y = y + k
        elif c != 0:
            y = y + c * k
    return y


class Model:
    """A network with its inputs and its optimiser."""

    def __init__(self, about, variant, dtype=torch.float32):
        tensors = load_file(about["file"], device=str(torch.get_default_device()))
        images, self.labels = tensors.pop("images").to(dtype), tensors.pop("labels").long()
        self.images = images.contiguous(memory_format=variant.layout)
        self.network = Network(about["tableau"], about["widths"], about["blocks"]).to(dtype, memory_format=variant.layout)
        missing, unexpected = self.network.load_state_dict(tensors, strict=False)
        wrong = [name for name in missing if not name.endswith("num_batches_tracked")] + unexpected
        if wrong:
            raise ValueError(f"the file and the network differ in {wrong}")
        self.run = variant.wrap(self.network)
        parameters = list(self.network.parameters())
        groups = [
            {"params": [p for p in parameters if p.dim() > 1], "weight_decay": DECAY},
            {"params": [p for p in parameters if p.dim() == 1], "weight_decay": 0.0},
        ]
        self.optimiser = torch.optim.SGD(groups, lr=RATE, momentum=MOMENTUM, nesterov=True, fused=True)

    def evaluate(self):
        self.network.eval()
        with torch.inference_mode():
            return self.run(self.images)

    def gradients(self):
        self.network.train()
        self.optimiser.zero_grad(set_to_none=True)
        logits = self.run(self.images)
        F.cross_entropy(logits, self.labels).backward()
        return logits

    def train(self):
        self.gradients()
        self.optimiser.step()

    def check(self):
        logits = self.gradients().detach()
        named = dict(self.network.named_parameters())
        answers = {f"gradient of {name}": value.grad for name, value in named.items()}
        answers.update({name: value for name, value in self.network.named_buffers() if "running" in name})
        answers["logits in training"] = logits
        answers["logits in evaluation"] = self.evaluate()
        return {name: value.contiguous() for name, value in answers.items()}


def values(shape, salt):
    """Numbers that every peer can make; see src/rows.rs."""
    i = torch.arange(torch.Size(shape).numel())
    return (((i * 7919 + salt * 31) % 1009).float() / 1009 - 0.5).reshape(shape)


def job(row):
    """The inputs of a row, and the function of them."""
    kind = row["kind"]
    if kind == "combination":
        inputs = [values(row["shape"], salt) for salt in range(row["terms"] + 1)]
        coefficients = [1 / (i + 2) for i in range(row["terms"])]
        return inputs, lambda x, *ks: combination(x, coefficients, ks)
    channels = row["channels"]
    image = values([row["batch"], channels, row["size"], row["size"]], 0)
    if kind == "convolution":
        return [image, values([channels, channels, 3, 3], 1)], lambda x, kernel: F.conv2d(x, kernel, padding=1)
    if kind == "norm":
        mean, variance = values([channels], 3), values([channels], 4) + 1
        inputs = [image, values([channels], 1) + 1, values([channels], 2)]
        return inputs, lambda x, scale, shift: F.relu(F.batch_norm(x, mean, variance, scale, shift, training=True))
    raise ValueError(f"unknown row {kind}")


def prepare(row, variant):
    """One repetition of a row, and the means of the squares of its result and of its gradients."""
    wrap = variant.wrap
    if row["kind"] == "network":
        model = Model(row["network"], variant)
        return (model.train if row["train"] else model.evaluate), []
    inputs, function = job(row)
    inputs = [x.contiguous(memory_format=variant.layout) if x.dim() == 4 else x for x in inputs]
    if not row["backward"]:
        run = wrap(function)

        def work():
            with torch.no_grad():
                return run(*inputs).float()

        return work, [mean_square(work())]
    for tensor in inputs:
        tensor.requires_grad_()
    # The sum is compiled as well: a compiler may form it without writing the result.
    run = wrap(lambda *inputs: function(*inputs).sum())
    work = lambda: torch.autograd.grad(run(*inputs), inputs)
    with torch.no_grad():
        result = function(*inputs)
    return work, [mean_square(result)] + [mean_square(gradient) for gradient in work()]


def device_name():
    device = torch.get_default_device()
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "the CPU"


def finish():
    """Waits for a GPU, which works on while Python goes on."""
    if torch.get_default_device().type == "cuda":
        torch.cuda.synchronize()


def mean_square(tensor):
    return tensor.double().square().mean().item()


def status(field):
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(field))


def page_faults():
    with open("/proc/self/stat") as file:
        return int(file.read().rsplit(")", 1)[1].split()[7])


def memory(work):
    """As src/memory.rs has it."""
    faulted = page_faults()
    work()
    faults = page_faults() - faulted
    ctypes.CDLL(None).malloc_trim(0)
    before = status("VmRSS:")
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")
    work()
    peak = status("VmHWM:")
    return {"faults": faults, "before": before, "growth": max(peak - before, 0), "peak": peak}


class Variant:
    """How PyTorch runs: eagerly or compiled, with which memory format, in which precision."""

    def __init__(self, name):
        mode, *options = name.split("-")
        self.compiled = mode == "compile"
        self.layout = torch.channels_last if "last" in options else torch.contiguous_format
        self.half = "bf16" in options

    def wrap(self, function):
        run = torch.compile(function) if self.compiled else function
        if not self.half:
            return run

        def half(*inputs):
            with torch.autocast(torch.get_default_device().type, torch.bfloat16):
                return run(*inputs)

        return half


class Peer:
    def __init__(self, variant):
        self.variant = variant
        self.work = None

    def about(self, _):
        return {
            "what": ("torch.compile, inductor, default mode" if self.variant.compiled else "torch.nn")
            + ("; autocast to bfloat16" if self.variant.half else "")
            + "; fused SGD",
            "layout": "channels first" if self.variant.layout == torch.contiguous_format else "channels last",
            "allocator": "PyTorch's (the system's)",
            "threads": torch.get_num_threads(),
            "version": f"PyTorch {torch.__version__} on {device_name()}, {torch.backends.cpu.get_cpu_capability()}",
        }

    def check(self, request):
        torch._dynamo.reset()
        model = Model(request["network"], self.variant, torch.float64 if request["double"] else torch.float32)
        save_file(model.check(), request["answers"])
        return {}

    def prepare(self, request):
        torch._dynamo.reset()
        self.work = None
        self.work, fingerprint = prepare(request["row"], self.variant)
        return {"fingerprint": fingerprint}

    def run(self, request):
        seconds = []
        for _ in range(request["times"]):
            start = time.perf_counter()
            self.work()
            finish()
            seconds.append(time.perf_counter() - start)
        return {"seconds": seconds}

    def memory(self, _):
        return memory(self.work)


def main(variant, device):
    torch.set_default_device(device)
    # Products in all of f32, as candle's.
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    threads = int(os.environ.get("OMP_NUM_THREADS", os.cpu_count()))
    torch.set_num_threads(threads)
    torch.set_num_interop_threads(1)
    serve(Peer(Variant(variant)))


if __name__ == "__main__":
    main(*sys.argv[1:])
