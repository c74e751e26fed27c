from collections import OrderedDict
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional as F


class Sequence(nn.Sequential):
    """Modules one after another, by name."""

    def __init__(self, **modules):
        super().__init__(OrderedDict(modules))


class Network(Sequence):
    """Takes images [batch, channels, height, width] with pixels from 0 to 1 to logits [batch, classes]."""

    def __init__(self, mean, std, **modules):
        super().__init__(**modules)
        self.register_buffer("mean", torch.tensor(mean)[:, None, None], persistent=False)
        self.register_buffer("std", torch.tensor(std)[:, None, None], persistent=False)

    def forward(self, image):
        return super().forward((image - self.mean) / self.std)


class Block(nn.Module):
    """A step of a Runge-Kutta scheme: stages k_i = F_i(x + Σ a_ij k_j), and the output x + Σ b_i k_i.

    `steps` are the coefficients of the scheme, and of the schemes nested in it: for each stage {j: a_ij}, then {i: b_i},
    counted from 0. Nested steps contribute their increments Σ b_i k_i. With a shortcut, the first function reads x, and all
    else the shortcut of x.
    """

    def __init__(self, *steps, shortcut=None, activation=None, **functions):
        super().__init__()
        self.steps = steps
        for name, function in functions.items():
            self.add_module(name, function)
        self.shortcut = shortcut or nn.Identity()
        self.activation = activation or nn.Identity()

    def forward(self, x):
        state = self.shortcut(x)
        return self.activation(state + self.increment(state, x))

    def increment(self, x, first=None, level=0, name=""):
        rows, weights = self.steps[level]
        k = []
        for i, row in enumerate(rows):
            y = sum((a * k[j] for j, a in row.items()), x)
            inputs = (y, y if i > 0 or first is None else first)
            k.append(self.stage(*inputs, level + 1, f"{name}stage{i + 1}"))
        return sum(b * k[i] for i, b in weights.items())

    def stage(self, x, first, level, name):
        if level < len(self.steps):
            return self.increment(x, first, level, f"{name}.")
        return self.get_submodule("stages" if hasattr(self, "stages") else name)(first)


class Encoder(nn.Module):
    """f(x) + g(x + f(x)), with f the increment of a block of attention and g that of one of perceptrons."""

    def __init__(self, attention, perceptron):
        super().__init__()
        self.attention = attention
        self.perceptron = perceptron

    def forward(self, x):
        first = self.attention.increment(x)
        return first + self.perceptron.increment(x + first)


class Attention(nn.Module):
    """Multi-head attention of queries, keys and values side by side, [batch, tokens, 3·width]."""

    def __init__(self, heads):
        super().__init__()
        self.heads = heads

    def forward(self, x):
        query, key, value = x.unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        return F.scaled_dot_product_attention(query, key, value).transpose(1, 2).flatten(2)


class Patches(nn.Module):
    """Patches of an image, row by row, through a linear layer, plus their positions."""

    def __init__(self, patch, pixels, tokens, width):
        super().__init__()
        self.patch = patch
        self.patches = nn.Linear(pixels, width)
        self.position = nn.Parameter(torch.zeros(tokens, width))

    def forward(self, x):
        pixels = F.unfold(x, self.patch, stride=self.patch)
        return self.patches(pixels.transpose(1, 2)) + self.position


class SqueezeExcite(nn.Module):
    """A weight for each channel, from the means of all."""

    def __init__(self, channels, inner):
        super().__init__()
        self.down = nn.Linear(channels, inner)
        self.up = nn.Linear(inner, channels)

    def forward(self, x):
        weights = self.up(self.down(x.mean((2, 3))).relu()).sigmoid()
        return x * weights[:, :, None, None]


class Shortcut(nn.Module):
    """Every second pixel, between channels of zeros."""

    def __init__(self, before, after):
        super().__init__()
        self.padding = (0, 0, 0, 0, before, after)

    def forward(self, x):
        return F.pad(x[:, :, ::2, ::2], self.padding)


class Mean(nn.Module):
    """The mean over pixels or tokens."""

    def __init__(self, *dims):
        super().__init__()
        self.dims = dims

    def forward(self, x):
        return x.mean(self.dims)
