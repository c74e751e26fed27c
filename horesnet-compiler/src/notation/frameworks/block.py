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
        rows, weights = self.step(level)
        k = []
        for i, row in enumerate(rows):
            y = sum((a * k[j] for j, a in row.items()), x)
            inputs = (y, y if i > 0 or first is None else first)
            k.append(self.stage(*inputs, level + 1, f"{name}stage{i + 1}"))
        return sum(b * k[i] for i, b in weights.items())

    def step(self, level):
        return self.steps[level]

    def stage(self, x, first, level, name):
        if level < len(self.steps):
            return self.increment(x, first, level, f"{name}.")
        function = self.get_submodule("stages" if hasattr(self, "stages") else name)
        return getattr(function, "increment", function)(first)
