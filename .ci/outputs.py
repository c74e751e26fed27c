#!/usr/bin/env python3
"""Makes steps with what `horesnet convert --to` writes for frameworks and languages, and compares them with steps in Python.

usage: outputs.py FOLDER

The tests of outputs keep them in FOLDER, a folder for each scheme, with the tableau as JSON. Programs that are not installed
are skipped, and named.
"""

import importlib
import importlib.util
import json
import math
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

TOLERANCE = 1e-14
START, H = (0.5, -0.3, 0.8), 0.1


def slope(t, y, sin=math.sin, cos=math.cos):
    return [sin(y[1]) * y[2] + t, y[0] * y[2] - cos(t) * y[1], sin(y[0] * y[1]) - y[2] * y[2]]


class Scheme:
    """A tableau in JSON, with its numbers in floating point."""

    def __init__(self, folder):
        self.folder, self.name = folder, folder.name
        fields = json.loads((folder / "tableau.json").read_text())
        number = lambda text: eval(text, {"sqrt": math.sqrt})
        vector = lambda name: [number(text) for text in fields[name]]
        self.A = [[number(text) for text in row] for row in fields["A"]]
        self.b, self.c = vector("b"), vector("c")
        bhat = vector("bhat") if "bhat" in fields else [0]
        # As the outputs, ignore weights of order 0.
        self.bhat = bhat if abs(sum(bhat) - 1) < 1e-3 else None
        # Rounding errors grow with the coefficients.
        self.size = max(1.0, *(sum(map(abs, row)) for row in [*self.A, self.b, self.bhat or []]))

    def step(self, t=0.0, y=START, nodes=True):
        """A step, and the embedded one: without embedded weights, the same."""
        stages = range(len(self.b))
        k = [slope(t, y)] * len(self.b)
        combined = lambda row: [y[i] + H * math.fsum(row[j] * k[j][i] for j in stages) for i in range(3)]
        # Explicit stages are final after as many rounds; implicit ones converge.
        for _ in range(max(len(self.b), 60)):
            for i in stages:
                k[i] = slope(t + self.c[i] * H * nodes, combined(self.A[i]))
        return combined(self.b), combined(self.bhat or self.b)


# Each program makes the rounds above, from the arrays of its language.
C = r"""
#include <math.h>
#include <stdio.h>
static void slope(double t, const double *y, double *f) {
    f[0] = sin(y[1]) * y[2] + t;
    f[1] = y[0] * y[2] - cos(t) * y[1];
    f[2] = sin(y[0] * y[1]) - y[2] * y[2];
}
static void combine(int s, const double *row, double k[][3], double *y) {
    static const double start[3] = {0.5, -0.3, 0.8};
    for (int i = 0; i < 3; i++) {
        y[i] = start[i];
        for (int j = 0; j < s; j++) y[i] += 0.1 * row[j] * k[j][i];
    }
}
void step(const char *name, int s, const double *A, const double *b, const double *d, const double *c) {
    double k[64][3] = {{0}}, y[3];
    for (int round = 0; round < (s < 60 ? 60 : s); round++)
        for (int i = 0; i < s; i++) combine(s, A + i * s, k, y), slope(0.1 * c[i], y, k[i]);
    combine(s, b, k, y);
    printf("%s %.17g %.17g %.17g ", name, y[0], y[1], y[2]);
    combine(s, d, k, y);
    printf("%.17g %.17g %.17g\n", y[0], y[1], y[2]);
}
"""

# Instead of the headers and the library of SUNDIALS, where they are not installed.
ARKODE = r"""
#include <stdlib.h>
#include <string.h>
typedef double sunrealtype;
typedef struct { int q, p, stages; sunrealtype **A, *c, *b, *d; } *ARKodeButcherTable;
static sunrealtype *copied(int n, const sunrealtype *x) {
    return x ? memcpy(malloc(n * sizeof *x), x, n * sizeof *x) : NULL;
}
static ARKodeButcherTable ARKodeButcherTable_Create(
    int s, int q, int p, sunrealtype *c, sunrealtype *A, sunrealtype *b, sunrealtype *d) {
    ARKodeButcherTable table = malloc(sizeof *table);
    table->q = q, table->p = p, table->stages = s, table->A = malloc(s * sizeof *table->A);
    for (int i = 0; i < s; i++) table->A[i] = copied(s, A + i * s);
    table->c = copied(s, c), table->b = copied(s, b), table->d = copied(s, d);
    return table;
}
"""

SUNDIALS = r"""
#include <string.h>
#include "%(source)s"
void step(const char *, int, const double *, const double *, const double *, const double *);
void %(case)s(void) {
    ARKodeButcherTable table = %(function)s();
    double A[64 * 64];
    int s = table->stages;
    for (int i = 0; i < s; i++) memcpy(A + i * s, table->A[i], s * sizeof *A);
    step("%(name)s", s, A, table->b, table->d ? table->d : table->b, table->c);
}
"""

FORTRAN = """
subroutine slope(t, y, f)
    use, intrinsic :: iso_fortran_env, only: wp => real64
    real(wp), intent(in) :: t, y(3)
    real(wp), intent(out) :: f(3)
    f = [sin(y(2)) * y(3) + t, y(1) * y(3) - cos(t) * y(2), sin(y(1) * y(2)) - y(3) * y(3)]
end subroutine
subroutine step(name, s, A, b, d, c)
    use, intrinsic :: iso_fortran_env, only: wp => real64
    character(*), intent(in) :: name
    integer, intent(in) :: s
    real(wp), intent(in) :: A(s, s), b(s), d(s), c(s)
    real(wp) :: k(3, s), start(3)
    integer :: i, round
    k = 0
    start = [0.5_wp, -0.3_wp, 0.8_wp]
    do round = 1, max(s, 60)
        do i = 1, s
            call slope(0.1_wp * c(i), start + 0.1_wp * matmul(k, A(i, :)), k(:, i))
        end do
    end do
    print "(a, 6(1x, es24.16))", name, start + 0.1_wp * matmul(k, b), start + 0.1_wp * matmul(k, d)
end subroutine
"""

RUST = """
fn slope(t: f64, y: [f64; 3]) -> [f64; 3] {
    [y[1].sin() * y[2] + t, y[0] * y[2] - t.cos() * y[1], (y[0] * y[1]).sin() - y[2] * y[2]]
}
fn step<const S: usize>(name: &str, a: [[f64; S]; S], b: [f64; S], d: [f64; S], c: [f64; S]) {
    let mut k = [[0.0; 3]; S];
    let combine = |row: [f64; S], k: [[f64; 3]; S]| {
        std::array::from_fn(|i| [0.5, -0.3, 0.8][i] + (0..S).map(|j| 0.1 * row[j] * k[j][i]).sum::<f64>())
    };
    for _ in 0..S.max(60) {
        for i in 0..S {
            k[i] = slope(0.1 * c[i], combine(a[i], k));
        }
    }
    let ([u, v, w], [x, y, z]) = (combine(b, k), combine(d, k));
    println!("{name} {u:e} {v:e} {w:e} {x:e} {y:e} {z:e}");
}
"""

OCTAVE = """
1;
function f = slope(t, y)
    f = [sin(y(2)) * y(3) + t; y(1) * y(3) - cos(t) * y(2); sin(y(1) * y(2)) - y(3) * y(3)];
end
function step(name, A, b, d, c)
    s = length(b); k = zeros(3, s); start = [0.5; -0.3; 0.8];
    for round = 1:max(s, 60)
        for i = 1:s
            k(:, i) = slope(0.1 * c(i), start + 0.1 * k * A(i, :)');
        end
    end
    printf("%s%s\\n", name, sprintf(" %.17g", [start + 0.1 * k * b', start + 0.1 * k * d']));
end
"""


def execute(folder, *command):
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if run.returncode != 0:
        sys.exit(f"error: {' '.join(map(str, command[:4]))} …\n{run.stderr[-4000:]}")
    return run.stdout


def native(folder, extra, cases, *flags):
    """Compiles and runs C: `cases` are the texts of functions case0, case1, …, each in a file of its own."""
    sources = {"step": C, **{f"case{i}": extra + text for i, text in enumerate(cases)}}
    names = [f"case{i}" for i in range(len(cases))]
    calls = "".join(f"void {name}(void); " for name in names), "".join(f"{name}(); " for name in names)
    sources["main"] = f"{calls[0]}\nint main(void) {{ {calls[1]} return 0; }}\n"
    for name, text in sources.items():
        (folder / f"{name}.c").write_text(text)
    files = [f"{name}.c" for name in sources]
    execute(folder, "cc", "-std=c99", "-Wall", "-Werror", "-Wno-unused", "-o", "steps", *files, "-lm", *flags)
    return execute(folder, "./steps")


def embedded(scheme, name="bhat", instead="b"):
    return name if scheme.bhat else instead


def c(folder, schemes):
    include = '#include "{0}"\nvoid step(const char *, int, const double *, const double *, const double *, const double *);\n'
    call = 'void case{0}(void) {{ step("{1}", sizeof b / sizeof *b, &A[0][0], b, {2}, c); }}\n'
    cases = [
        include.format(scheme.folder / "c.c") + call.format(i, scheme.name, embedded(scheme))
        for i, scheme in enumerate(schemes)
    ]
    return native(folder, "", cases)


def sundials(folder, schemes):
    test = subprocess.run(["cc", "-E", "-"], input="#include <arkode/arkode_butcher.h>", capture_output=True, text=True)
    library = test.returncode == 0
    cases = []
    for i, scheme in enumerate(schemes):
        source = scheme.folder / "sundials.c"
        text = source.read_text()
        if not library:
            source = folder / f"{scheme.name}.c"
            source.write_text(text.replace("#include <arkode/arkode_butcher.h>\n", ""))
        function = re.search(r"^ARKodeButcherTable (\w+)\(void\)", text, re.M)[1]
        cases.append(SUNDIALS % {"source": source, "case": f"case{i}", "function": function, "name": scheme.name})
    if library:
        return native(folder, "", cases, "-lsundials_arkode", "-lsundials_nvecserial", "-lsundials_generic")
    print("skipped: the library of SUNDIALS; its tables are a struct of this test")
    return native(folder, ARKODE, cases)


def fortran(folder, schemes):
    files = []
    for i, scheme in enumerate(schemes):
        # Two schemes may have one name.
        text = re.sub(r"^(end )?module .*", rf"\1module tableau{i}", (scheme.folder / "fortran.f90").read_text(), flags=re.M)
        call = f'call step("{scheme.name}", size(b), A, b, {embedded(scheme)}, c)'
        files.append(f"{text}subroutine case{i}\n    use tableau{i}\n    {call}\nend subroutine\n")
    calls = "".join(f"    call case{i}\n" for i in range(len(schemes)))
    (folder / "steps.f90").write_text(f"{FORTRAN}{''.join(files)}program steps\n{calls}end program\n")
    execute(folder, "gfortran", "-std=f2008", "-Wall", "-Wno-compare-reals", "-o", "steps", "steps.f90")
    return execute(folder, "./steps")


def rust(folder, schemes):
    text = RUST
    for i, scheme in enumerate(schemes):
        text += f'#[allow(dead_code)]\n#[path = "{scheme.folder / "rust.rs"}"]\nmod case{i};\n'
    calls = [
        f'step("{scheme.name}", case{i}::A, case{i}::B, case{i}::{embedded(scheme, "BHAT", "B")}, case{i}::C);'
        for i, scheme in enumerate(schemes)
    ]
    (folder / "steps.rs").write_text(text + "fn main() {\n" + "\n".join(calls) + "\n}\n")
    execute(folder, "rustc", "--edition", "2024", "-D", "warnings", "-o", "steps", "steps.rs")
    return execute(folder, "./steps")


def matlab(folder, schemes):
    text = OCTAVE
    for scheme in schemes:
        text += f'source("{scheme.folder / "matlab.m"}"); step("{scheme.name}", A, b, {embedded(scheme)}, c);\n'
    (folder / "steps.m").write_text(text)
    return execute(folder, "octave-cli", "--norc", "steps.m")


def module(path, name):
    """Imports a Python file under a name of its own."""
    spec = importlib.util.spec_from_file_location(f"{name}_{path.stem}", path)
    loaded = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = loaded
    spec.loader.exec_module(loaded)
    return loaded


def the_class(loaded, ending):
    (found,) = (value for name, value in vars(loaded).items() if name.endswith(ending) and value.__module__ == loaded.__name__)
    return found


def pytorch(scheme):
    import torch

    torch.set_default_dtype(torch.float64)

    class Function(torch.nn.Module):
        def forward(self, y):
            return torch.stack(slope(torch.zeros(()), y, torch.sin, torch.cos))

    loaded = module(scheme.folder / "pytorch.py", scheme.name)
    (block,) = (value for name, value in vars(loaded).items() if name.endswith("Block") and name != "Block")
    functions = [Function() for _ in loaded.STAGES]
    blocks = [block(Function(), H), block(functions, 4 * H, rate=0.5, depth=2), block(functions, H, learned="step")]
    # Each coefficient by itself has no step size: scale the functions.
    for learned in ("all", "projected"):
        scaled = torch.nn.Module()
        scaled.forward = lambda y: H * Function()(y)
        blocks.append(block(scaled, learned=learned))
    first, expected = torch.tensor(START), scheme.step(nodes=False)[0]
    for made in blocks:
        yield made(first).tolist(), expected
    # Learned coefficients have gradients: that of the step size is a difference quotient, and the sum over all entries of A
    # and b, each times its coefficient, is the same.
    (gradient,) = torch.autograd.grad(blocks[2](first).sum(), blocks[2].parameters())
    near = [block(Function(), H * (1 + nudge))(first).sum().item() for nudge in (1e-5, -1e-5)]
    quotient = (near[0] - near[1]) / (2e-5 * H)
    assert abs(gradient.item() - quotient) < 1e-6 * max(1, abs(quotient)) * scheme.size, (scheme.name, gradient, quotient)
    (gradients,) = torch.autograd.grad(blocks[3](first).sum(), blocks[3].parameters())
    rows, weights = loaded.STEP
    entries = [a for row in rows for a in row.values()] + list(weights.values())
    total = sum(g * a for g, a in zip(gradients.tolist(), entries, strict=True)) / H
    assert abs(total - gradient.item()) < 1e-12 * scheme.size**2, (scheme.name, total, gradient)
    # A block in a block contributes its increment.
    if len(loaded.STAGES) == 1:
        y = block(block(Function(), H))(first) - first
        yield (y + first).tolist(), [a + (b - a) * scheme.b[0] for a, b in zip(START, expected)]


def torchdiffeq(scheme):
    import torch
    from torchdiffeq import odeint

    loaded = module(scheme.folder / "torchdiffeq.py", scheme.name)
    solver = the_class(loaded, "Solver")
    method = solver.__name__.removesuffix("Solver")
    times = torch.tensor([0, H, 2 * H], dtype=torch.float64)
    f = lambda t, y: torch.stack(slope(t, y, torch.sin, torch.cos))
    adaptive = {"first_step": H, "max_step": H} if hasattr(solver, "tableau") else {}
    ys = odeint(f, torch.tensor(START, dtype=torch.float64), times, rtol=1e3, atol=1e3, method=method, options=adaptive)
    expected, other = scheme.step()
    yield ys[1].tolist(), expected
    yield ys[2].tolist(), scheme.step(H, expected)[0]
    if adaptive:
        from torchdiffeq._impl.rk_common import _runge_kutta_step

        y0, (t0, t1, _) = torch.tensor(START, dtype=torch.float64), times
        g = lambda t, y, perturb=None: f(t, y)
        error = _runge_kutta_step(g, y0, g(t0, y0), t0, t1 - t0, t1, solver.tableau)[2]
        yield [y - e for y, e in zip(expected, error.tolist())], other


def diffrax(scheme):
    import diffrax
    import jax
    import jax.numpy as jnp
    import optimistix

    jax.config.update("jax_enable_x64", True)
    loaded = module(scheme.folder / "diffrax.py", scheme.name)
    kind = the_class(loaded, "Solver")
    implicit = issubclass(kind, diffrax.AbstractImplicitSolver)
    finder = {"root_finder": optimistix.Newton(rtol=1e-9, atol=1e-9), "root_find_max_steps": 100} if implicit else {}
    solver = kind(**finder)
    term = diffrax.ODETerm(lambda t, y, _: jnp.stack(slope(t, y, jnp.sin, jnp.cos)))
    times = [jnp.array(t) for t in (0.0, H, 2 * H)]
    y, reference = jnp.array(START), START
    state = solver.init(term, *times[:2], y, None)
    # Compiling takes a second each; the solver of implicit equations needs it.
    with jax.disable_jit(not implicit):
        for t, after in zip(times, times[1:]):
            y, error, _, state, _ = solver.step(term, t, after, y, None, state, made_jump=False)
            reference, other = scheme.step(t.item(), reference)
            yield y.tolist(), reference
            if scheme.bhat:
                yield [a - b for a, b in zip(reference, error.tolist())], other
    assert (error is None) == (scheme.bhat is None), "an error estimate without embedded weights, or none with them"


PROGRAMS = {"cc": {"c": c, "sundials": sundials}, "gfortran": {"fortran": fortran}, "rustc": {"rust": rust}, "octave-cli": {"matlab": matlab}}
FILES = {"c": "c.c", "sundials": "sundials.c", "fortran": "fortran.f90", "rust": "rust.rs", "matlab": "matlab.m"}
MODULES = {"torch": pytorch, "torchdiffeq": torchdiffeq, "diffrax": diffrax}


def main(folder):
    folders = sorted(path.parent for path in pathlib.Path(folder).resolve().glob("*/tableau.json"))
    schemes = [Scheme(folder) for folder in folders]
    if not schemes:
        sys.exit(f"error: no outputs in {folder}")
    failed = 0

    def compare(program, found, accepted):
        """Compares pairs of results for each scheme."""
        nonlocal failed
        largest = 0.0
        for scheme, pairs in found:
            for values, expected in pairs:
                scale = scheme.size * max(map(abs, expected))
                distance = max(abs(a - b) for a, b in zip(values, expected)) / scale
                # NaN is no small difference.
                if not distance <= TOLERANCE:
                    failed += 1
                    print(f"error: {scheme.name}, {program}: {distance:.1e}", file=sys.stderr)
                largest = max(largest, distance)
        print(f"{program}: {len(accepted)} schemes, steps apart by at most {largest:.1e}")

    for program, languages in PROGRAMS.items():
        if shutil.which(program) is None:
            print(f"skipped: {program} (not installed)")
            continue
        for language, run in languages.items():
            accepted = [scheme for scheme in schemes if (scheme.folder / FILES[language]).exists()]
            with tempfile.TemporaryDirectory() as temporary:
                lines = run(pathlib.Path(temporary), accepted).splitlines()
            results = {name: list(map(float, values)) for name, *values in map(str.split, lines)}
            pairs = lambda scheme: zip((results[scheme.name][:3], results[scheme.name][3:]), scheme.step())
            compare(language, ((scheme, pairs(scheme)) for scheme in accepted), accepted)
    for package, run in MODULES.items():
        try:
            importlib.import_module(package)
        except (ImportError, ValueError, OSError) as why:
            print(f"skipped: {package} ({why})")
            continue
        accepted = [scheme for scheme in schemes if (scheme.folder / f"{run.__name__}.py").exists()]
        compare(package, ((scheme, run(scheme)) for scheme in accepted), accepted)
    return failed > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]) if len(sys.argv) == 2 else __doc__)
