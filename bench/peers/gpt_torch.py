#!/usr/bin/python3
"""Trains a small dense GPT in eager PyTorch until its validation loss is low enough.

The size and the settings are those of nanoGPT's example for CPUs (its `train_shakespeare_char` with
4 layers, 4 heads, width 128, context 64, batch 12, 2,000 steps, no dropout); the program is our own.
Characters; the last 10 % of the text is for validation, in all its windows of the context. Each
validation prints a line of JSON; the last line is the result. Time in training steps is counted
apart from time in validation. Steps before --eval-from are not validated, as that takes long.

Exit status: 0, whether or not the loss was reached, 2 on bad input.
"""

import argparse
import json
import math
import os
import sys
import time

import bench_train

BETAS = (0.9, 0.99)
WEIGHT_DECAY = 0.1
CLIP = 1.0
WARMUP = 100
LEAST_RATE = 0.1  # of the learning rate, at the last step
SPREAD = 0.02


def parse_arguments(words=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--data", required=True, help="text file, one byte a character")
    parser.add_argument("--target", type=float, default=1.88, help="validation loss to stop at")
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--heads", type=int, default=4)
    parser.add_argument("--width", type=int, default=128)
    parser.add_argument("--context", type=int, default=64)
    parser.add_argument("--batch", type=int, default=12)
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--eval-every", type=int, default=40)
    parser.add_argument("--eval-from", type=int, default=1000, help="the first step to validate at")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument(
        "--plain", action="store_true", help="leave OMP_WAIT_POLICY as it is, instead of passive"
    )
    return parser.parse_args(words)


def main():
    arguments = parse_arguments()
    try:
        print(json.dumps(train(arguments)))
    except (OSError, ValueError) as error:
        print(f"gpt_torch: {error}", file=sys.stderr)
        return 2
    return 0


def train(arguments):
    bench_train.set_environment(arguments.threads, arguments.plain)
    # Imported after the thread counts are set: the BLAS reads them when it is loaded.
    import torch

    import gpt_model

    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    texts, vocabulary = read_text(torch, arguments.data, arguments.context)
    model = gpt_model.Gpt(
        vocabulary, arguments.context, arguments.layers, arguments.heads, arguments.width, SPREAD
    )
    optimizer = gpt_model.adamw(model, arguments.lr, BETAS, WEIGHT_DECAY)
    training = validation = 0.0
    reached = False
    step = 0
    while step < arguments.steps and not reached:
        begin = time.perf_counter()
        loss = train_step(torch, model, optimizer, texts[0], arguments, step)
        step += 1
        training += time.perf_counter() - begin
        if is_due(step, arguments):
            begin = time.perf_counter()
            val_loss = validation_loss(torch, model, texts[1], arguments.context)
            validation += time.perf_counter() - begin
            reached = val_loss <= arguments.target  # never where the loss is NaN
            line = {
                "step": step, "tokens": step * arguments.batch * arguments.context,
                "seconds": training, "train_loss": loss, "val_loss": val_loss,
            }
            print(json.dumps(line), flush=True)
    return {
        "program": "pytorch-eager",
        "reached": reached,
        "steps": step,
        "tokens": step * arguments.batch * arguments.context,
        "seconds": training,
        "validation_seconds": validation,
        "val_loss": val_loss,
        "val_tokens": windows(len(texts[1]), arguments.context) * arguments.context,
        "parameters": sum(p.numel() for p in model.parameters()),
        "threads": arguments.threads,
        "wait_policy": os.environ.get("OMP_WAIT_POLICY", "default"),
        "torch": torch.__version__,
        "blas": bench_train.loaded_blas(torch),
    }


def is_due(step, arguments):
    """Whether to validate after so many steps."""
    if step == arguments.steps:
        return True
    return step >= arguments.eval_from and step % arguments.eval_every == 0


def train_step(torch, model, optimizer, text, arguments, step):
    """Batch, forward, backward, clipping, AdamW at the rate of the step; returns the loss."""
    rate = arguments.lr * schedule(step, arguments.steps)
    for group in optimizer.param_groups:
        group["lr"] = rate
    starts = torch.randint(len(text) - arguments.context, (arguments.batch, 1))
    rows = text[starts + torch.arange(arguments.context + 1)]
    optimizer.zero_grad(set_to_none=True)
    loss = model(rows[:, :-1], rows[:, 1:])
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
    optimizer.step()
    return loss.item()


def schedule(step, steps):
    """Linear warm-up over 100 steps, then half a cosine from 1 to 0.1."""
    if step < WARMUP:
        return (step + 1) / WARMUP
    progress = (step - WARMUP) / max(1, steps - WARMUP)
    return LEAST_RATE + (1 - LEAST_RATE) / 2 * (1 + math.cos(math.pi * progress))


def read_text(torch, path, context):
    """Training and validation text as numbers of characters, and how many characters there are."""
    with open(path, "rb") as file:
        data = file.read()
    if not data.isascii():
        raise ValueError(f"{path}: not all ASCII, and a loss a character is no loss a byte then")
    numbers = {character: i for i, character in enumerate(sorted(set(data)))}
    tokens = torch.tensor([numbers[character] for character in data], dtype=torch.int64)
    cut = len(data) * 9 // 10
    if windows(len(data) - cut, context) < 1:
        raise ValueError(f"{path}: {len(data)} bytes, too few for a validation window of {context}")
    return (tokens[:cut], tokens[cut:]), len(numbers)


def windows(size, context):
    """The whole windows of a text, which overlap by the target only."""
    return (size - 1) // context


def validation_loss(torch, model, text, context, windows_at_once=64):
    """The mean over all windows."""
    count = windows(len(text), context)
    ids = text[: count * context].view(count, context)
    targets = text[1 : count * context + 1].view(count, context)
    total = 0.0
    with torch.no_grad():
        for part in zip(ids.split(windows_at_once), targets.split(windows_at_once)):
            total += model(*part).item() * len(part[0])
    return total / count


if __name__ == "__main__":
    sys.exit(main())
