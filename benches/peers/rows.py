"""The rows of the table: what each asks of every peer, and the bytes it cannot do without moving."""

from math import prod

FLOAT = 4
BATCH = 128
NETWORKS = {"euler": [4, 4, 4], "rk4": [1, 1, 1], "verner8": [1, 1, 1]}


def rows(folder):
    """All rows by name; weights and inputs of networks go to files in `folder`."""
    found = {}

    def add(name, **row):
        for backward in (False, True):
            found[name + (", gradients" if backward else "")] = row | {"backward": backward}

    for terms in (4, 8, 14):
        for shape in ([32, 16, 32, 32], [128, 64, 8, 8]):
            add(f"combine {terms}, {'x'.join(map(str, shape))}", kind="combination", terms=terms, shape=shape)
    for channels, size in ((16, 16), (32, 8), (64, 4)):
        name = f"conv {channels}, {BATCH}x{size}x{size}"
        add(name, kind="convolution", batch=BATCH, channels=channels, size=size)
    for channels, size in ((16, 16), (64, 4)):
        name = f"norm+relu {channels}, {BATCH}x{size}x{size}, gradients"
        found[name] = dict(kind="norm", batch=BATCH, channels=channels, size=size, backward=True)
    for scheme, blocks in NETWORKS.items():
        name = f"{scheme} {blocks}".replace(" [", "[").replace(", ", ",")
        network = dict(name=name, scheme=scheme, widths=[16, 32, 64], blocks=blocks, batch=BATCH, size=32)
        network["file"] = str(folder / f"{scheme}.safetensors")
        for train in (False, True):
            found[f"{name} {'training' if train else 'evaluation'}"] = dict(kind="network", network=network, train=train)
    return found


# One size grows, and the others stay.
GROWTH = {
    "batch": [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
    "channels": [16, 32, 48, 64, 96, 128, 192, 256],
    "side": [8, 12, 16, 24, 32, 48, 64],
    "blocks": [1, 2, 4, 8, 16],
}


def growth(folder):
    """Training and evaluation of RK4 networks: by batch, channels of a single group, side of the images, blocks in each group."""
    found = {}
    for what, sizes in GROWTH.items():
        for size in sizes:
            name = f"{what} {size}"
            network = dict(name=name, scheme="rk4", widths=[16, 32, 64], blocks=[1, 1, 1], batch=32, size=32)
            if what == "channels":
                network |= dict(widths=[size], blocks=[1], size=16)
            elif what == "blocks":
                network["blocks"] = [size] * 3
            else:
                network[{"side": "size"}.get(what, what)] = size
            network["file"] = str(folder / f"{what}{size}.safetensors")
            for train in (False, True):
                found[f"{name} {'training' if train else 'evaluation'}"] = dict(kind="network", network=network, train=train)
    return found


def floor(row):
    """Bytes: each input read once, each result written once. The gradient of a sum is one number and moves nothing."""
    if row["kind"] == "combination":
        # The gradient of x is that of the result, so with gradients one more tensor is written for each k.
        return FLOAT * prod(row["shape"]) * (row["terms"] * (2 if row["backward"] else 1) + 2)
    if row["kind"] == "convolution":
        image, kernel = row["batch"] * row["channels"] * row["size"] ** 2, 9 * row["channels"] ** 2
        return FLOAT * ((3 * image + 2 * kernel) if row["backward"] else (2 * image + kernel))
    if row["kind"] == "norm":
        return FLOAT * 3 * row["batch"] * row["channels"] * row["size"] ** 2
    return None
