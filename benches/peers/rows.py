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
