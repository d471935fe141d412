#!/usr/bin/python3
"""Trains `tiny` with AdamW in eager PyTorch: an anchor for validation loss on a small text.

Bytes; the last 10 % of the file is for validation. Warm-up, then cosine decay to 10 % of the
learning rate; betas (0.9, 0.95), decay 0.1 (not on gains), clipping at norm 1. With the defaults it
sees 600 * 8 * 128 = 614,400 tokens. The last line of output is JSON.
"""

import argparse
import json
import math
import sys
import time

import bench_train


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", required=True, help="text file, read as bytes")
    parser.add_argument("--preset", choices=bench_train.DEFAULT_BATCH, default="tiny")
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--lr", type=float, default=3e-3)
    parser.add_argument("--warmup", type=int, default=50)
    parser.add_argument("--weight-decay", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--log-every", type=int, default=100)
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    try:
        print(json.dumps(train(arguments)))
    except (OSError, ValueError) as error:
        print(f"tinyshakespeare_adamw: {error}", file=sys.stderr)
        return 2
    return 0


def train(arguments):
    bench_train.set_environment(arguments.threads, plain=False)
    # Imported after the thread counts are set: the BLAS reads them when it is loaded.
    import torch

    import eager_moe
    import model_config
    import moe_torch

    torch.set_num_threads(arguments.threads)
    config = model_config.PRESETS[arguments.preset]
    with open(arguments.data, "rb") as file:
        data = file.read()
    cut = len(data) * 9 // 10
    count = (len(data) - cut - 1) // config.context
    held_out = moe_torch.windows(data[cut:], config.context, max(1, count))
    tokens = torch.tensor(list(data[:cut]), dtype=torch.int64)
    parameters = moe_torch.initial_parameters(config, arguments.seed)
    model = eager_moe.from_parameters(config, parameters)
    optimizer = eager_moe.adamw(model, arguments.lr, arguments.weight_decay)
    generator = torch.Generator().manual_seed(arguments.seed)
    begin = time.perf_counter()
    for step in range(arguments.steps):
        for group in optimizer.param_groups:
            group["lr"] = arguments.lr * schedule(step, arguments.warmup, arguments.steps)
        shape = (arguments.batch, 1)
        starts = torch.randint(len(tokens) - config.context, shape, generator=generator)
        rows = tokens[starts + torch.arange(config.context + 1)]
        loss = eager_moe.train_step(model, optimizer, rows[:, :-1], rows[:, 1:])
        if (step + 1) % arguments.log_every == 0:
            print(f"step {step + 1}  train loss {loss.item():.4f}", flush=True)
    seconds = time.perf_counter() - begin
    tokens_seen = arguments.steps * arguments.batch * config.context
    return {
        "val_loss": validation_loss(torch, model, held_out),
        "val_tokens": count * config.context,
        "tokens": tokens_seen,
        "tokens_per_s": round(tokens_seen / seconds, 1),
        "lr": arguments.lr,
        "seed": arguments.seed,
    }


def schedule(step, warmup, steps):
    """Linear warm-up, then half a cosine from 1 to 0.1."""
    if step < warmup:
        return (step + 1) / warmup
    progress = (step - warmup) / max(1, steps - warmup)
    return 0.1 + 0.45 * (1 + math.cos(math.pi * progress))


def validation_loss(torch, model, held_out, windows_at_once=32):
    total = 0.0
    with torch.no_grad():
        for ids, targets in zip(*(part.split(windows_at_once) for part in held_out)):
            total += model(ids, targets)[0].item() * len(ids)
    return total / len(held_out[0])


if __name__ == "__main__":
    sys.exit(main())
