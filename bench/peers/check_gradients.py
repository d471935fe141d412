#!/usr/bin/python3
"""Loss and gradients of a checkpoint by the PyTorch model, beside those of `./muon gradients`.

Loss: mean cross-entropy in nats over the first B non-overlapping windows of the model's context.
Gradient: of mean cross-entropy + alpha * balance loss (+ beta * z-loss), all B windows one batch.
The float64 result is the truth; the float32 result shows what single precision costs by itself.

Exit status: 0 agreement (or nothing to compare with), 1 disagreement, 2 bad input.
"""

import argparse
import json
import math
import sys

import torch

import model_config
import moe_torch
import safetensors_io

LOSS_TOLERANCE = 1e-5  # relative
GRADIENT_TOLERANCE = 1e-4  # relative, per tensor, in the Frobenius norm


def main():
    arguments = parse_arguments()
    try:
        report = run(arguments)
    except (OSError, ValueError) as error:
        print(f"check_gradients: {error}", file=sys.stderr)
        return 2
    print(json.dumps(report) if arguments.json else as_text(report))
    return 1 if report["failures"] else 0


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--checkpoint", required=True, help="folder, or its model.safetensors")
    parser.add_argument("--data", required=True, help="text file, read as bytes")
    parser.add_argument("--windows", type=int, required=True, help="number of windows")
    parser.add_argument("--loss-only", action="store_true", help="no gradients")
    parser.add_argument("--gradients", help="safetensors file written by `./muon gradients`")
    parser.add_argument("--expect-loss", type=float, help="loss to compare with")
    parser.add_argument("--expect-json", help="file with a JSON object (last line) that has `loss`")
    parser.add_argument(
        "--alpha", type=float,
        help="weight of the balance loss (the config's balance_loss, else 0.01)",
    )
    parser.add_argument("--beta", type=float, default=0.0, help="weight of the router z-loss (0)")
    parser.add_argument("--preset", choices=model_config.PRESETS)
    for name in ("n_heads", "top_k", "context"):
        parser.add_argument("--" + name.replace("_", "-"), type=int, help="if the config lacks it")
    parser.add_argument("--out", help="write the float64 gradients here, as float32 safetensors")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    if arguments.loss_only and (arguments.gradients or arguments.out):
        parser.error("--loss-only computes no gradients: leave out --gradients and --out")
    return arguments


def run(arguments):
    torch.set_num_threads(arguments.threads)
    with open(arguments.data, "rb") as file:
        data = file.read()
    want_gradients = not arguments.loss_only
    truth = evaluate(arguments, data, torch.float64, want_gradients)
    single = evaluate(arguments, data, torch.float32, want_gradients)
    report = {
        "windows": arguments.windows,
        "context": truth.model.config.context,
        "loss": truth.cross_entropy,
        "balance_loss": truth.balance,
        "objective": truth.objective,
        "loss_float32": single.cross_entropy,
        "loss_float32_error": relative(single.cross_entropy, truth.cross_entropy),
        "routing_margin": min(truth.model.margins, default=None),
        "routing_flips_float32": routing_flips(truth.model, single.model),
        "failures": [],
    }
    theirs = read_gradients(arguments.gradients)
    compare_loss(report, expected_loss(arguments, theirs[1]))
    if want_gradients:
        compare_gradients(report, truth.gradients, single.gradients, theirs[0])
        if arguments.out:
            save(arguments.out, truth)
    return report


class Evaluation:
    """Losses and gradients of one model on one batch, as Python numbers and float64 tensors."""

    def __init__(self, model, losses, objective, gradients):
        self.model = model
        self.cross_entropy = losses.cross_entropy.item()
        self.balance = losses.balance.item()
        self.objective = objective.item()
        self.gradients = gradients


def evaluate(arguments, data, dtype, want_gradients):
    names = ("preset", "n_heads", "top_k", "context")
    settings = {name: getattr(arguments, name) for name in names}
    model = moe_torch.load(arguments.checkpoint, settings, dtype)
    ids, targets = moe_torch.windows(data, model.config.context, arguments.windows)
    if int(ids.max()) >= model.config.vocab or int(targets.max()) >= model.config.vocab:
        raise ValueError(f"data: a byte beyond the vocabulary of {model.config.vocab}")
    # The selection bias is not trained by gradient.
    trained = {n: p for n, p in model.parameters.items() if not n.endswith(".router.bias")}
    for parameter in trained.values():
        parameter.requires_grad_(want_gradients)
    losses = model.losses(ids, targets)
    alpha = arguments.alpha
    if alpha is None:
        alpha = float(model.settings.get("balance_loss", 0.01))
    objective = losses.objective(alpha, arguments.beta)
    gradients = {}
    if want_gradients:
        objective.backward()
        gradients = {name: p.grad.to(torch.float64) for name, p in trained.items()}
    return Evaluation(model, losses, objective, gradients)


def read_gradients(path):
    if path is None:
        return None, {}
    arrays, metadata = safetensors_io.read(path)
    return {name: torch.tensor(a).to(torch.float64) for name, a in arrays.items()}, metadata


def expected_loss(arguments, metadata):
    """The loss to compare with: given, in a JSON report, or in the gradient file's metadata."""
    if arguments.expect_loss is not None:
        return arguments.expect_loss
    if arguments.expect_json:
        with open(arguments.expect_json, encoding="utf-8") as file:
            lines = [line for line in file if line.lstrip().startswith("{")]
        if not lines:
            raise ValueError(f"{arguments.expect_json}: no line with a JSON object")
        return float(json.loads(lines[-1])["loss"])
    return float(metadata["loss"]) if "loss" in metadata else None


def compare_loss(report, expected):
    if expected is None:
        return
    error = relative(expected, report["loss"])
    report.update(expected_loss=expected, loss_error=error)
    if not error <= LOSS_TOLERANCE:
        hint = ""
        if relative(expected, report["objective"]) <= LOSS_TOLERANCE:
            hint = " (it is cross-entropy plus the router losses; cross-entropy alone is wanted)"
        report["failures"].append(f"loss: {expected} given, {report['loss']} here{hint}")


def compare_gradients(report, truth, single, theirs):
    rows = report["tensors"] = []
    for name, want in truth.items():
        row = {
            "name": name, "shape": list(want.shape), "norm": want.norm().item(),
            "float32_error": tensor_error(single[name], want),
        }
        rows.append(row)
        if theirs is None:
            continue
        got = theirs.get(name)
        if got is None or got.shape != want.shape:
            what = "missing" if got is None else f"shape {list(got.shape)}, {row['shape']} wanted"
            report["failures"].append(f"{name}: {what}")
            continue
        row["error"] = tensor_error(got, want)
        row["max_abs_error"] = (got - want).abs().max().item()
        if not row["error"] <= GRADIENT_TOLERANCE:
            report["failures"].append(f"{name}: relative error {row['error']:.2e}")
    report["max_float32_error"] = largest(row["float32_error"] for row in rows)
    if theirs is not None:
        report["max_error"] = largest(row.get("error", math.inf) for row in rows)
        extra = sorted(theirs.keys() - truth.keys())
        report["failures"] += [f"{name}: not a parameter of the checkpoint" for name in extra]


def tensor_error(got, want):
    """|got - want| / |want| in the Frobenius norm; where want is zero, got must be zero too."""
    difference, size = (got - want).norm().item(), want.norm().item()
    if size == 0:
        return 0.0 if difference == 0 else math.inf
    return difference / size


def relative(got, want):
    return abs(got - want) / max(abs(want), sys.float_info.min)


def largest(values):
    """The maximum, or NaN where any value is NaN (which `max` would drop or keep by chance)."""
    values = list(values)
    return math.nan if any(math.isnan(value) for value in values) else max(values)


def routing_flips(truth, single):
    """How many tokens (over all layers) chose another set of experts in float32 than in float64."""
    pairs = zip(truth.routes, single.routes)
    return sum(
        int((a.sort(dim=1)[0] != b.sort(dim=1)[0]).any(dim=1).sum()) for a, b in pairs
    )


def save(path, truth):
    gradients = {name: g.to(torch.float32).numpy() for name, g in truth.gradients.items()}
    safetensors_io.write(path, gradients, {"loss": repr(truth.cross_entropy)})


def as_text(report):
    lines = [
        f"{report['windows']} windows of {report['context']}",
        f"loss (mean cross-entropy, float64)  {report['loss']:.10f}",
        f"  float32: relative error           {report['loss_float32_error']:.2e}",
        f"  balance loss (unweighted)         {report['balance_loss']:.10f}",
        f"  objective                         {report['objective']:.10f}",
    ]
    if report["routing_flips_float32"]:
        lines.append(
            f"  NOTE: {report['routing_flips_float32']} token(s) route differently in float32: "
            f"least margin {report['routing_margin']:.1e}; gradients differ for that reason"
        )
    if "expected_loss" in report:
        given, error = report["expected_loss"], report["loss_error"]
        lines.append(f"  given loss {given}: relative error {error:.2e}")
    if "tensors" in report:
        lines += table(report)
    lines += [f"FAIL {failure}" for failure in report["failures"]]
    compared = "expected_loss" in report or "max_error" in report
    lines.append("disagree" if report["failures"] else "agree" if compared else "nothing compared")
    return "\n".join(lines)


def table(report):
    width = max(len(row["name"]) for row in report["tensors"])
    lines = [f"{'tensor':{width}}  {'norm':>9}  {'error':>9}  {'max|diff|':>9}  {'float32':>9}"]
    for row in report["tensors"]:
        lines.append(
            f"{row['name']:{width}}  {row['norm']:9.2e}  {cell(row.get('error'))}  "
            f"{cell(row.get('max_abs_error'))}  {cell(row['float32_error'])}"
        )
    lines.append(
        f"{'largest':{width}}  {'':9}  {cell(report.get('max_error'))}  {'':9}  "
        f"{cell(report['max_float32_error'])}"
    )
    return lines


def cell(value):
    return f"{'-':>9}" if value is None else f"{value:9.2e}"


if __name__ == "__main__":
    sys.exit(main())
