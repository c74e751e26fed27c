"""The peer JAX of the comparison: `jax_peer.py jax DEVICE`. It runs the rows of networks, compiled by XLA, with channels last.

The protocol is that of the other peers: a request a line on standard input, an answer a line, both JSON (src/request.rs).
"""

import os
import time

# XLA has no option for its number of threads: it takes one a core that it may run on.
os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: int(os.environ.get("OMP_NUM_THREADS", os.cpu_count()))])

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from safetensors.numpy import load_file, save_file

from serve import serve

MOMENTUM, DECAY, RATE = 0.9, 5e-4, 1e-4
EPS, UPDATED = 1e-5, 0.1  # of batch normalisation, as in candle and PyTorch


def conv(weights, name, xs, stride=1):
    layout = ("NHWC", "OIHW", "NHWC")
    return lax.conv_general_dilated(xs, weights[f"{name}.weight"], (stride, stride), [(1, 1), (1, 1)], dimension_numbers=layout)


def norm_relu(weights, statistics, name, xs, train):
    """`relu(norm(xs))`; in training with the statistics of the batch, which move the running ones."""
    if train:
        mean, variance = xs.mean((0, 1, 2)), xs.var((0, 1, 2))
        count = xs.size // xs.shape[-1]
        moved = {"running_mean": mean, "running_var": variance * (count / (count - 1))}
        for what, value in moved.items():
            old = statistics[f"{name}.{what}"]
            statistics[f"{name}.{what}"] = (1 - UPDATED) * old + UPDATED * value
    else:
        mean, variance = statistics[f"{name}.running_mean"], statistics[f"{name}.running_var"]
    scale = weights[f"{name}.weight"] * lax.rsqrt(variance + EPS)
    return jax.nn.relu((xs - mean) * scale + weights[f"{name}.bias"])


def combination(x, coefficients, ks):
    for c, k in zip(coefficients, ks):
        if c != 0:
            x = x + (k if c == 1 else c * k)
    return x


def logits(about, weights, statistics, images, train):
    """The logits of a network, and its statistics after them."""
    statistics = dict(statistics)

    def unit(name, number, xs, stride=1):
        return conv(weights, f"{name}.conv{number}", norm_relu(weights, statistics, f"{name}.norm{number}", xs, train), stride)

    a, b = about["tableau"]["a"], about["tableau"]["b"]
    xs = norm_relu(weights, statistics, "stem.norm", conv(weights, "stem.conv", images, 2), train)
    for group, blocks in enumerate(about["blocks"], 1):
        if group > 1:
            xs = unit(f"group{group}.transition", "", xs, 2)
        for block in range(1, blocks + 1):
            ks = []
            for stage, row in enumerate(a, 1):
                name = f"group{group}.block{block}.stage{stage}"
                ks.append(unit(name, 2, unit(name, 1, combination(xs, row, ks))))
            xs = combination(xs, b, ks)
    xs = norm_relu(weights, statistics, "head.norm", xs, train).mean((1, 2))
    return xs @ weights["head.linear.weight"].T + weights["head.linear.bias"], statistics


class Model:
    """A network with its inputs and its optimiser: SGD with Nesterov's momentum."""

    def __init__(self, about, dtype):
        tensors = load_file(about["file"])
        self.labels = jnp.asarray(tensors.pop("labels").astype(np.int32))
        tensors = {name: jnp.asarray(tensor, dtype) for name, tensor in tensors.items()}
        self.images = tensors.pop("images").transpose(0, 2, 3, 1)
        self.statistics = {name: tensor for name, tensor in tensors.items() if "running" in name}
        self.weights = {name: tensor for name, tensor in tensors.items() if "running" not in name}
        self.momentum = jax.tree.map(jnp.zeros_like, self.weights)

        def loss(weights, statistics, images, labels):
            found, statistics = logits(about, weights, statistics, images, True)
            chosen = jnp.take_along_axis(jax.nn.log_softmax(found), labels[:, None], 1)
            return -chosen.mean(), (found, statistics)

        def step(weights, momentum, statistics, images, labels):
            gradients, (_, statistics) = jax.grad(loss, has_aux=True)(weights, statistics, images, labels)
            decay = jax.tree.map(lambda w, g: g + DECAY * w if w.ndim > 1 else g, weights, gradients)
            momentum = jax.tree.map(lambda m, g: MOMENTUM * m + g, momentum, decay)
            weights = jax.tree.map(lambda w, m, g: w - RATE * (g + MOMENTUM * m), weights, momentum, decay)
            return weights, momentum, statistics

        self.gradients = jax.jit(jax.grad(loss, has_aux=True))
        self.step = jax.jit(step, donate_argnums=(0, 1, 2))
        self.forward = jax.jit(lambda weights, statistics, images: logits(about, weights, statistics, images, False)[0])

    def evaluate(self):
        return self.forward(self.weights, self.statistics, self.images).block_until_ready()

    def train(self):
        self.weights, self.momentum, self.statistics = self.step(
            self.weights, self.momentum, self.statistics, self.images, self.labels
        )
        jax.block_until_ready(self.weights)

    def check(self):
        gradients, (found, self.statistics) = self.gradients(self.weights, self.statistics, self.images, self.labels)
        answers = {f"gradient of {name}": gradient for name, gradient in gradients.items()} | self.statistics
        answers |= {"logits in training": found, "logits in evaluation": self.evaluate()}
        return {name: np.ascontiguousarray(tensor) for name, tensor in answers.items()}


class Peer:
    def about(self, _):
        version = f"JAX {jax.__version__} on {jax.devices()[0].platform}"
        threads = len(os.sched_getaffinity(0))
        return {"what": "jit; SGD in jnp", "layout": "channels last", "allocator": "XLA's", "threads": threads, "version": version}

    def check(self, request):
        save_file(Model(request["network"], jnp.float64 if request["double"] else jnp.float32).check(), request["answers"])
        return {}

    def prepare(self, request):
        model = Model(request["row"]["network"], jnp.float32)
        self.work = model.train if request["row"]["train"] else model.evaluate
        return {"fingerprint": []}

    def run(self, request):
        seconds = []
        for _ in range(request["times"]):
            start = time.perf_counter()
            self.work()
            seconds.append(time.perf_counter() - start)
        return {"seconds": seconds}


if __name__ == "__main__":
    jax.config.update("jax_enable_x64", True)
    serve(Peer())
