def tensor(values):
    return torch.tensor(values, dtype=torch.float64)


class NAME(RKAdaptiveStepsizeODESolver):
    # That of the local error, by which steps are sized.
    order = ORDER
    tableau = _ButcherTableau(
        alpha=tensor(NODES),
        beta=[tensor(row[:i]) for i, row in enumerate(ROWS, 1)],
        c_sol=tensor(WEIGHTS),
        c_error=tensor(WEIGHTS) - tensor(EMBEDDED),
    )
    # The middle of the step, by the cubic through both ends with their slopes.
    mid = tableau.c_sol / 2
    mid[0] += 1 / 8
    mid[-1] -= 1 / 8
