class SchemeBlock(Block):
    """A block with one function for each of its stages, or one for all.

    A function that is a block contributes its increment. Coefficients are one of:

    - `h`: every coefficient times the step size `h`;
    - `h`, `rate` and `depth`: the step size decays with the depth of the block, `h * rate**depth`;
    - `learned="step"`: the step size is a parameter, initially `h`;
    - `learned="all"`: each coefficient is a parameter, initially that of the scheme;
    - `learned="projected"`: as "all", and the weights b keep their sum.
    """

    def __init__(
        self,
        functions: nn.Module | Sequence[nn.Module],
        h: float = 1.0,
        *,
        rate: float = 1.0,
        depth: int = 0,
        learned: str | None = None,
    ) -> None:
        if isinstance(functions, nn.Module) and not isinstance(functions, nn.ModuleList):
            named = {"stages": functions}
        else:
            named = {f"stage{i + 1}": function for i, function in enumerate(functions)}
            if len(named) != len(STAGES):
                raise ValueError(f"expected {len(STAGES)} functions, found {len(named)}")
        if learned not in (None, "step", "all", "projected"):
            raise ValueError(f"expected learned coefficients 'step', 'all' or 'projected', found {learned!r}")
        if learned in ("all", "projected") and (h, rate) != (1.0, 1.0):
            raise ValueError("expected no step size: each coefficient is learned")
        super().__init__(STEP, **named)
        self.size = h * rate**depth
        self.learned = learned
        if learned == "step":
            self.h = nn.Parameter(torch.tensor([self.size]))
        elif learned:
            rows, weights = STEP
            # Differences from the scheme: the entries of A row by row, then those of b.
            self.coefficients = nn.Parameter(torch.zeros(sum(map(len, rows)) + len(weights)))

    def step(self, level: int) -> tuple[list[dict[int, float | Tensor]], dict[int, float | Tensor]]:
        """Returns the current coefficients: for each stage {j: a_ij}, then {i: b_i}."""
        rows, weights = self.steps[level]
        if self.learned in (None, "step"):
            h = self.size if self.learned is None else self.h[0]
            rows = [{j: h * a for j, a in row.items()} for row in rows]
            return rows, {i: h * b for i, b in weights.items()}
        changes = self.coefficients.double()
        if self.learned == "projected":
            changes, last = changes[: -len(weights)], changes[-len(weights) :]
            changes = torch.cat([changes, last - last.mean()])
        change = iter(changes)
        rows = [{j: a + next(change) for j, a in row.items()} for row in rows]
        return rows, {i: b + next(change) for i, b in weights.items()}
