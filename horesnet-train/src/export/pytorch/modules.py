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
