#!/usr/bin/python3
"""Times PyTorch's square products and batched Newton-Schulz chain, one JSON line each.

The chain is Muon's: five quintic steps on 96 matrices of 512 x 2048 divided by their Frobenius
norms, X <- aX + (bA + cA^2)X with A = XX^T, each product one call for all matrices. float32 products
are without TF32. Times are medians of runs that end when the device has finished.
"""

import argparse
import json
import statistics
import sys
import time

A, B, C = 3.4445, -4.7750, 2.0315


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--device", default="cuda", help="cuda or cpu (cuda)")
    parser.add_argument("--sizes", type=int, nargs="*", default=[1024, 2048, 4096, 8192])
    parser.add_argument("--dtypes", nargs="+", default=["float32", "bfloat16"])
    parser.add_argument("--chain", type=int, nargs=3, default=[96, 512, 2048],
                        metavar=("COUNT", "ROWS", "COLUMNS"))
    parser.add_argument("--runs", type=int, default=20)
    return parser.parse_args()


def newton_schulz(torch, g):
    x = g / g.norm(dim=(1, 2), keepdim=True)
    for _ in range(5):
        a = x @ x.mT
        b = torch.baddbmm(a, a, a, beta=B, alpha=C)
        x = torch.baddbmm(x, b, x, beta=A)
    return x


def flops_of_chain(count, rows, columns):
    """Of the products, none taken as symmetric."""
    return 5 * 2 * count * rows * rows * (2 * columns + rows)


def median_seconds(torch, device, work, runs):
    wait = torch.cuda.synchronize if device.startswith("cuda") else lambda: None
    seconds = []
    for run in range(3 + runs):
        wait()
        begin = time.perf_counter()
        work()
        wait()
        if run >= 3:
            seconds.append(time.perf_counter() - begin)
    return statistics.median(seconds)


def measure(arguments):
    import torch

    torch.backends.cuda.matmul.allow_tf32 = False
    torch.manual_seed(0)
    device = arguments.device
    name = torch.cuda.get_device_name(device) if device.startswith("cuda") else device
    for dtype in arguments.dtypes:
        kind = getattr(torch, dtype)
        for n in arguments.sizes:
            a, b = (torch.randn(n, n, device=device).to(kind) for _ in range(2))
            seconds = median_seconds(torch, device, lambda: a @ b, arguments.runs)
            yield record(torch, name, dtype, f"product-{n}", 2 * n**3, seconds)
        g = torch.randn(*arguments.chain, device=device).to(kind)
        seconds = median_seconds(torch, device, lambda: newton_schulz(torch, g), arguments.runs)
        flops = flops_of_chain(*arguments.chain)
        yield record(torch, name, dtype, "muon-quintic-5", flops, seconds)


def record(torch, device, dtype, what, flops, seconds):
    return {
        "program": "pytorch",
        "what": what,
        "dtype": dtype,
        "device": device,
        "ms": round(1e3 * seconds, 4),
        "tflops": round(flops / seconds * 1e-12, 2),
        "torch": torch.__version__,
    }


def main():
    arguments = parse_arguments()
    for line in measure(arguments):
        print(json.dumps(line), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
