class NAME(FixedGridODESolver):
    order = ORDER

    def _step_func(self, func, t0, dt, t1, y0):
        k = []
        for i, (node, row) in enumerate(zip(c, A)):
            y = y0 + dt * sum(a * k[j] for j, a in enumerate(row[:i]) if a)
            # Stages at the ends see the side of a discontinuity that is in the step.
            side = Perturb.NEXT if i == 0 else Perturb.PREV if node == 1 else Perturb.NONE
            t = (1 - node) * t0 + node * t1
            k.append(func(t, y, perturb=side if self.perturb else Perturb.NONE))
        return dt * sum(weight * slope for weight, slope in zip(b, k) if weight), k[0]
