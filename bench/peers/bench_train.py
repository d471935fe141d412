#!/usr/bin/python3
"""Times the eager PyTorch training step of the model; prints one JSON line.

A step is: batch to tensors, forward, backward of cross-entropy + 0.01 * balance loss, clipping at
global norm 1, AdamW. Steps are timed one by one; tokens_per_s is from the median step.
"""

import argparse
import json
import os
import statistics
import sys
import time

DEFAULT_BATCH = {"tiny": 8, "small": 8, "medium": 4, "blueberry": 4, "large": 1}
DEFAULT_CONTEXT = {"tiny": 128, "small": 256, "medium": 512, "blueberry": 512, "large": 1024}
DEFAULT_STEPS = {"tiny": 60, "small": 15, "medium": 3, "blueberry": 6, "large": 2}


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--preset", choices=DEFAULT_BATCH, default="tiny")
    parser.add_argument("--batch", type=int, help="windows per step (by preset: 8, 8, 4, 4, 1)")
    parser.add_argument("--context", type=int, help="tokens per window (by preset)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", type=int, help="timed steps (by preset)")
    parser.add_argument("--warmup", type=int, default=2, help="steps before timing starts")
    parser.add_argument("--vocab", type=int, default=256)
    parser.add_argument("--data", help="text file read as bytes; without it, random tokens")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cpu", help="where the step runs, e.g. cuda (cpu)")
    parser.add_argument("--compile", action="store_true", help="the model through torch.compile")
    parser.add_argument(
        "--plain", action="store_true", help="leave OMP_WAIT_POLICY as it is, instead of passive"
    )
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    try:
        print(json.dumps(measure(arguments)))
    except (OSError, ValueError) as error:
        print(f"bench_train: {error}", file=sys.stderr)
        return 2
    return 0


def measure(arguments):
    set_environment(arguments.threads, arguments.plain)
    # Imported after the thread counts are set: the BLAS reads them when it is loaded.
    import dataclasses

    import torch

    import eager_moe
    import model_config
    import moe_torch

    torch.set_num_threads(arguments.threads)
    config = dataclasses.replace(model_config.PRESETS[arguments.preset], vocab=arguments.vocab)
    context = arguments.context or DEFAULT_CONTEXT[arguments.preset]
    config = dataclasses.replace(config, context=context)
    batch = arguments.batch or DEFAULT_BATCH[arguments.preset]
    steps = arguments.steps or DEFAULT_STEPS[arguments.preset]
    device = torch.device(arguments.device)
    tokens = load_tokens(torch, arguments).to(device)
    if len(tokens) <= config.context:
        raise ValueError(f"{len(tokens)} tokens of data, more than {config.context} wanted")
    parameters = moe_torch.initial_parameters(config, arguments.seed)
    model = eager_moe.from_parameters(config, parameters).to(device)
    optimizer = eager_moe.adamw(model, learning_rate=1e-3)
    if arguments.compile:
        model = torch.compile(model)
    generator = torch.Generator().manual_seed(arguments.seed)
    seconds, losses = [], []
    for _ in range(arguments.warmup + steps):
        begin = time.perf_counter()
        starts = torch.randint(len(tokens) - config.context, (batch, 1), generator=generator)
        rows = tokens[(starts + torch.arange(config.context + 1)).to(device)]
        loss = eager_moe.train_step(model, optimizer, rows[:, :-1], rows[:, 1:])
        losses.append(loss.item())
        seconds.append(time.perf_counter() - begin)
    return summary(torch, arguments, config, batch, seconds[arguments.warmup :], losses)


def set_environment(threads, plain):
    """Thread counts, and idle OpenMP threads that sleep.

    PyTorch's OpenMP threads spin by default when they are idle, on the cores that the threads of a
    pthread-built OpenBLAS need: the step is then up to twice as slow, and erratic.
    """
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = str(threads)
    if not plain:
        os.environ.setdefault("OMP_WAIT_POLICY", "passive")


def load_tokens(torch, arguments):
    if arguments.data is None:
        generator = torch.Generator().manual_seed(arguments.seed + 1)
        return torch.randint(arguments.vocab, (1 << 20,), generator=generator)
    with open(arguments.data, "rb") as file:
        data = file.read()
    tokens = torch.tensor(list(data), dtype=torch.int64)
    if data and max(data) >= arguments.vocab:
        raise ValueError(f"{arguments.data}: a byte beyond the vocabulary of {arguments.vocab}")
    return tokens


def summary(torch, arguments, config, batch, seconds, losses):
    tokens = batch * config.context
    rates = sorted(tokens / s for s in seconds)
    return {
        "program": "pytorch-compiled" if arguments.compile else "pytorch-eager",
        "device": device_name(torch, arguments.device),
        "preset": arguments.preset,
        "batch": batch,
        "context": config.context,
        "threads": arguments.threads,
        "steps": len(seconds),
        "tokens_per_s": round(tokens / statistics.median(seconds), 1),
        "tokens_per_s_min": round(rates[0], 1),
        "tokens_per_s_max": round(rates[-1], 1),
        "step_ms": round(1e3 * statistics.median(seconds), 3),
        "first_loss": losses[0],
        "last_loss": losses[-1],
        "wait_policy": os.environ.get("OMP_WAIT_POLICY", "default"),
        "torch": torch.__version__,
        "blas": loaded_blas(torch),
    }


def device_name(torch, device):
    return torch.cuda.get_device_name(device) if device.startswith("cuda") else device


def loaded_blas(torch):
    """The BLAS in this process: the library files mapped, and OpenBLAS's own description."""
    import ctypes

    probe = torch.ones(64, 64)
    probe @ probe  # loads a BLAS that is bound lazily
    try:
        with open("/proc/self/maps", encoding="utf-8") as file:
            paths = {line.split()[-1] for line in file if "/" in line}
    except OSError:
        return "unknown"
    names = ("blas", "mkl_rt", "blis")
    found = sorted(p for p in paths if any(name in os.path.basename(p) for name in names))
    described = []
    for path in found:
        name = os.path.basename(path)
        if name.startswith("libopenblas"):
            library = ctypes.CDLL(path)
            library.openblas_get_config.restype = ctypes.c_char_p
            name += f" ({library.openblas_get_config().decode()}, "
            name += f"{library.openblas_get_num_threads()} threads)"
        described.append(name)
    return "; ".join(described) or "none found"


if __name__ == "__main__":
    sys.exit(main())
