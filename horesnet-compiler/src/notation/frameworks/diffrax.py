def array(values):
    return np.array(values, dtype=np.float64)


class NAME(diffrax.BASE):
    """SUMMARY"""

    tableau: ClassVar[diffrax.ButcherTableau] = diffrax.ButcherTableau(
        c=array(NODES),
        b_sol=array(WEIGHTS),
        b_error=DIFFERENCE,
        a_lower=tuple(array(row[:i]) for i, row in enumerate(ROWS) if i > 0),
IMPLICIT    )
    interpolation_cls: ClassVar = diffrax.INTERPOLATION
SOLVER

    def order(self, terms):
        return ORDER
ERROR
