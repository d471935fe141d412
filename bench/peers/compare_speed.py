#!/usr/bin/python3
"""Our training step beside eager PyTorch's, in one run: alternating rounds, then the ratio.

Each round runs both programs once, one after the other, each in a fresh process; which goes first
changes from round to round. The ratio of a round is ours / PyTorch in tokens per second.

Exit status: 0, 1 where a median ratio is below --require, 2 where a program failed.
"""

import argparse
import json
import os
import shlex
import statistics
import subprocess
import sys

import bench_train

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
OURS = "./muon bench --preset {preset} --threads {threads} --set optimizer.type=adamw --json"


class ProgramFailed(RuntimeError):
    """A program that ended badly, or printed no result; the message shows the end of its output."""


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--ours", default=OURS,
        help="our command, run in the repository's root; {preset}, {threads}, {batch}, {context} "
        f"are filled in; its last JSON line must have tokens_per_s (default: {OURS})",
    )
    parser.add_argument("--presets", nargs="+", default=["tiny", "small", "blueberry"],
                        choices=bench_train.DEFAULT_BATCH)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--require", type=float, help="least median ratio, e.g. 1.5")
    parser.add_argument("--python", default=sys.executable, help="the Python that has PyTorch")
    parser.add_argument("--peer-options", default="", help="more options for bench_train.py")
    parser.add_argument("--timeout", type=float, default=1800, help="seconds for one program")
    arguments = parser.parse_args()
    if arguments.rounds < 1:
        parser.error("--rounds must be at least 1")
    return arguments


def main():
    arguments = parse_arguments()
    results = []
    try:
        for preset in arguments.presets:
            results.append(compare(arguments, preset))
    except (ProgramFailed, OSError) as error:
        print(f"compare_speed: {error}", file=sys.stderr)
        return 2
    print(table(results))
    required = arguments.require or 0
    print(json.dumps({"threads": arguments.threads, "required": required, "results": results}))
    return 0 if all(result["ratio"] >= required for result in results) else 1


def compare(arguments, preset):
    commands = {"ours": our_command(arguments, preset), "pytorch": peer_command(arguments, preset)}
    rates = {"ours": [], "pytorch": []}
    last = {}
    for round_ in range(arguments.rounds):
        for program in sorted(commands, reverse=round_ % 2 == 1):
            last[program] = run(commands[program], arguments.timeout)
            rates[program].append(float(last[program]["tokens_per_s"]))
            message = f"{preset} round {round_ + 1} {program}: {rates[program][-1]:.0f} tokens/s"
            print(message, file=sys.stderr, flush=True)
    check_same_work(preset, last)
    ratios = [ours / peer for ours, peer in zip(rates["ours"], rates["pytorch"])]
    return {
        "preset": preset,
        "ours": statistics.median(rates["ours"]),
        "pytorch": statistics.median(rates["pytorch"]),
        "ratio": statistics.median(ratios),
        "ratio_min": min(ratios),
        "ratio_max": max(ratios),
        "ours_rounds": rates["ours"],
        "pytorch_rounds": rates["pytorch"],
        "ours_report": last["ours"],
        "pytorch_report": last["pytorch"],
    }


def our_command(arguments, preset):
    values = {
        "{preset}": preset,
        "{threads}": str(arguments.threads),
        "{batch}": str(bench_train.DEFAULT_BATCH[preset]),
        "{context}": str(bench_train.DEFAULT_CONTEXT[preset]),
    }
    command = arguments.ours
    for name, value in values.items():
        command = command.replace(name, value)
    return shlex.split(command)


def peer_command(arguments, preset):
    script = os.path.join(HERE, "bench_train.py")
    options = ["--preset", preset, "--threads", str(arguments.threads)]
    return [arguments.python, script, *options, *shlex.split(arguments.peer_options)]


def run(command, timeout):
    """Runs a command in the repository's root; returns its last JSON object with tokens_per_s."""
    output, errors = execute(command, timeout)
    result = last_json(output)
    if result is None:
        raise failure(command, "no line of JSON with tokens_per_s", errors or output)
    return result


def execute(command, timeout):
    """Runs a command in the repository's root; returns what it wrote to its two streams."""
    try:
        done = subprocess.run(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            timeout=timeout, check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ProgramFailed(f"{shlex.join(command)}: no end after {timeout} s") from error
    if done.returncode != 0:
        raise failure(command, f"exit status {done.returncode}", done.stderr or done.stdout)
    return done.stdout, done.stderr


def failure(command, fault, output):
    return ProgramFailed(f"{shlex.join(command)}: {fault}\n{output[-2000:]}")


def last_json(text):
    for line in reversed(text.splitlines()):
        try:
            value = json.loads(line)
        except ValueError:
            continue
        if isinstance(value, dict) and "tokens_per_s" in value:
            return value
    return None


def check_same_work(preset, reports):
    """A ratio means something only where both did the same work, as far as both state it."""
    for key in ("batch", "context", "threads"):
        values = [report.get(key) for report in reports.values()]
        if None not in values and values[0] != values[1]:
            stated = ", ".join(f"{program} {report[key]}" for program, report in reports.items())
            raise ProgramFailed(f"{preset}: not the same {key}: {stated}")


def table(results):
    heads = f"{'ours tok/s':>11} {'PyTorch':>11} {'ratio':>7} {'least':>7} {'most':>7}"
    lines = [f"{'preset':10} {heads}"]
    for r in results:
        lines.append(
            f"{r['preset']:10} {r['ours']:11.0f} {r['pytorch']:11.0f} {r['ratio']:7.2f} "
            f"{r['ratio_min']:7.2f} {r['ratio_max']:7.2f}"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
