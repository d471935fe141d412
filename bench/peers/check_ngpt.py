#!/usr/bin/python3
"""Checks loss and gradients that `muon gradients` computed for a normalised model (nGPT or gated
nGPT) against PyTorch in float64. Exit code 1 if they disagree.

    ./muon train --data FILE --set model.preset=ngpt-tiny --set train.steps=20 --out DIR
    ./muon gradients --checkpoint DIR/final --data FILE --windows 4 --out g.safetensors
    bench/peers/check_ngpt.py --checkpoint DIR/final --data FILE --windows 4 --gradients g.safetensors
"""

import argparse
import math
import os
import sys

import torch

import model_config
import ngpt_torch
import safetensors_io

LOSS_TOLERANCE = 1e-6  # float32 forward pass, relative
GRADIENT_TOLERANCE = 2e-5  # float32 backward pass, relative in the Frobenius norm


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--checkpoint", required=True, help="folder with model.safetensors")
    parser.add_argument("--data", required=True, help="text; bytes are tokens")
    parser.add_argument("--windows", type=int, default=4)
    parser.add_argument("--gradients", required=True, help="what `muon gradients` wrote")
    arguments = parser.parse_args()
    tensors, metadata = safetensors_io.read(os.path.join(arguments.checkpoint, "model.safetensors"))
    settings = model_config.read_settings(arguments.checkpoint, metadata)
    parameters = {
        name: torch.tensor(value, dtype=torch.float64).requires_grad_()
        for name, value in tensors.items()
    }
    ids, targets = windows(arguments.data, arguments.windows, int(settings["context"]))
    loss = ngpt_torch.NgptModel(settings, parameters).loss(ids, targets)
    loss.backward()
    theirs, their_metadata = safetensors_io.read(arguments.gradients)
    return report(loss.item(), parameters, theirs, float(their_metadata["loss"]))


def windows(path, count, context):
    with open(path, "rb") as file:
        tokens = torch.tensor(list(file.read(count * context + 1)))
    if len(tokens) != count * context + 1:
        sys.exit(f"{path}: {len(tokens)} bytes, {count * context + 1} wanted; use fewer --windows")
    return tokens[:-1].view(count, context), tokens[1:].view(count, context)


def report(loss, parameters, theirs, their_loss):
    failures = []
    error = abs(their_loss - loss) / loss
    print(f"loss {loss:.10f}, given {their_loss:.10f}: relative error {error:.2e}")
    if not error <= LOSS_TOLERANCE:
        failures.append("loss")
    if theirs.keys() != parameters.keys():
        failures.append(f"names: {sorted(theirs.keys() ^ parameters.keys())}")
    worst = 0.0
    for name, parameter in parameters.items():
        want = parameter.grad
        got = torch.tensor(theirs[name], dtype=torch.float64)
        relative = ((got - want).norm() / want.norm()).item()
        print(f"{name:32} |gradient| {want.norm().item():.3e}  relative error {relative:.2e}")
        worst = math.nan if math.isnan(relative) else max(worst, relative)
        if not relative <= GRADIENT_TOLERANCE:
            failures.append(name)
    print(f"largest relative error {worst:.2e}")
    print("disagree: " + ", ".join(failures) if failures else "agree")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
