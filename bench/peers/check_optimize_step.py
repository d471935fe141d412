#!/usr/bin/python3
"""Whether `./muon optimize-step --optimizer stiefel` finds the best tangent step.

Random, ill-conditioned, low-rank, near-square, square, wide and mostly normal problems, several seeds
each, are solved in float64 with NumPy (stiefel_truth.py) and by the command, one start for each shape.
Exit status: 0 all within the limits, 1 one is not, 2 the command failed.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile

import numpy as np

import safetensors_io
import stiefel_truth

MOST_GAP = 1e-2  # of <G, A> above the lower bound of the optimum, relative
MOST_LENGTH = 1e-5  # of ||A||_2 / eta above 1
MOST_TANGENCY = 1e-3  # ||W'A + A'W||_F / (eta n)
MOST_RESIDUAL = 1e-12  # max|W'W - I| after the step, float64
TRUTH_GAP = 1e-4  # between the bounds that NumPy finds
SHAPES = ((128, 64), (65, 64), (96, 64), (256, 64), (64, 64), (64, 192), (33, 32))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def gradient(kind, rng, w):
    """A gradient of a kind at the point w."""
    m, n = w.shape
    k = min(m, n)
    if kind == "random":
        return rng.standard_normal((m, n))
    if kind.startswith("cond"):
        left = stiefel_truth.random_stiefel(rng, m, k)
        right = stiefel_truth.random_stiefel(rng, n, k)
        return (left * np.logspace(0, -np.log10(float(kind[4:])), k)) @ right.T
    if kind.startswith("rank"):
        rank = int(kind[4:])
        return rng.standard_normal((m, rank)) @ rng.standard_normal((rank, n))
    if kind == "normal":  # next to nothing of it is tangent
        s = stiefel_truth.symmetric(rng.standard_normal((k, k)))
        return (w @ s if m >= n else s @ w) + 0.01 * rng.standard_normal((m, n))
    raise ValueError(f"no kind of gradient is called {kind}")


KINDS = ("random", "cond1e5", "rank8", "rank1", "normal")


def problems(shape, seeds):
    """[(name, W, G)] of one shape."""
    result = []
    for kind in KINDS:
        for seed in range(1, seeds + 1):
            rng = np.random.default_rng([seed, *shape, KINDS.index(kind)])
            w = stiefel_truth.random_stiefel(rng, *shape)
            result.append((f"{shape[0]}x{shape[1]} {kind} {seed}", w, gradient(kind, rng, w)))
    return result


def judge(name, w, g, a, eta, truth):
    """The figures of one answer, and what is wrong with it."""
    if not np.isfinite(a).all():
        return {"problem": name, "wrong": ["A is not finite"], "optimum": truth.lower,
                "ours": np.nan, "gap": np.inf, "length": np.inf, "tangency": np.inf}
    value = float(np.sum(g * a))
    figures = {
        "problem": name,
        "optimum": truth.lower,
        "ours": value,
        "gap": (value - truth.lower) / abs(truth.lower),
        "length": np.linalg.norm(a, 2) / eta - 1,
        "tangency": stiefel_truth.tangency(w, a, eta),
    }
    wrong = []
    # written so that NaN is wrong
    if not truth.gap <= TRUTH_GAP:
        wrong.append(f"NumPy knows the optimum to {truth.gap:.1e} only")
    if not -1e-9 <= figures["gap"] <= MOST_GAP:
        wrong.append("gap")
    if not figures["length"] <= MOST_LENGTH:
        wrong.append("||A||_2")
    if not figures["tangency"] <= MOST_TANGENCY:
        wrong.append("tangency")
    figures["wrong"] = wrong
    return figures


def step(muon, stack, settings, folder):
    """Runs the command on [(name, W, G)]; returns its tensors and its report."""
    source, target = os.path.join(folder, "in.safetensors"), os.path.join(folder, "out.safetensors")
    safetensors_io.write(
        source, {"W": np.stack([w for _, w, _ in stack]), "G": np.stack([g for _, _, g in stack])}
    )
    command = [muon, "optimize-step", "--optimizer", "stiefel", "--in", source, "--out", target,
               "--json"]
    for setting in settings:
        command += ["--set", setting]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}: {done.stderr}")
    return safetensors_io.read(target)[0], json.loads(done.stdout)


def run(arguments):
    settings = [f"lr={arguments.lr}", f"solver={arguments.solver}",
                f"iterations={arguments.iterations}", *arguments.set]
    report = {"settings": settings, "problems": [], "residual": 0.0}
    for shape in arguments.shapes:
        stack = problems(shape, arguments.seeds)
        with tempfile.TemporaryDirectory() as folder:
            tensors, _ = step(arguments.muon, stack, settings, folder)
        for (name, w, g), a, moved in zip(stack, tensors["A"], tensors["W"]):
            truth = stiefel_truth.solve(w, g, arguments.lr)
            figures = judge(name, w, g, a, arguments.lr, truth)
            gram = moved.T @ moved if moved.shape[0] >= moved.shape[1] else moved @ moved.T
            figures["residual"] = float(np.abs(gram - np.eye(len(gram))).max())
            if not figures["residual"] <= MOST_RESIDUAL:
                figures["wrong"].append("W is off the manifold")
            report["problems"].append(figures)
            if not arguments.json:
                print(as_text(figures), flush=True)
    report["worst"] = {
        key: max(p[key] for p in report["problems"])
        for key in ("gap", "length", "tangency", "residual")
    }
    report["failures"] = sum(bool(p["wrong"]) for p in report["problems"])
    return report


def as_text(p):
    return (
        f"{p['problem']:20} optimum {p['optimum']:12.6g}  ours {p['ours']:12.6g}"
        f"  gap {p['gap']:8.1e}  |A|/eta-1 {p['length']:8.1e}  h {p['tangency']:7.1e}"
        f"  residual {p['residual']:7.1e}  {', '.join(p['wrong'])}"
    )


def shape(text):
    m, _, n = text.partition("x")
    return int(m), int(n)


def parse_arguments(words=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--muon", default=os.path.join(ROOT, "muon"), help="the program")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--lr", type=float, default=0.05)
    parser.add_argument("--solver", default="irls")
    parser.add_argument("--iterations", type=int, default=50)
    parser.add_argument("--set", action="append", default=[], help="more settings, KEY=VALUE")
    parser.add_argument("--shapes", type=shape, nargs="+", default=SHAPES, help="such as 128x64")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(words)


def main():
    arguments = parse_arguments()
    try:
        report = run(arguments)
    except (OSError, RuntimeError, ValueError) as error:
        print(f"check_optimize_step: {error}", file=sys.stderr)
        return 2
    worst = report["worst"]
    if arguments.json:
        print(json.dumps(report))
    else:
        print(
            f"{len(report['problems'])} problems, {report['failures']} beyond the limits; worst gap"
            f" {worst['gap']:.1e}, |A|/eta-1 {worst['length']:.1e}, h {worst['tangency']:.1e},"
            f" residual {worst['residual']:.1e}"
        )
    return 1 if report["failures"] else 0


if __name__ == "__main__":
    sys.exit(main())
