#!/usr/bin/python3
"""How long until a validation loss is reached: our training beside PyTorch's, in one run.

The peer is a dense GPT of the size and settings of nanoGPT's example for CPUs (`gpt_torch.py`), given
the fastest of three settings for its threads. Ours is `./muon train` on the same text, with the same
split: its loss a byte is the loss a character of this text, which must be ASCII. Both validate on all
windows of the last 10 %. Each round runs all programs, one after the other in fresh processes, with
its own seed; which goes first changes from round to round.

The time is that of the training steps until the first validation at or below a target; validation is
not counted, nor are starting and saving, which are shown apart. The ratio of a round is PyTorch /
ours. A peer that ends above the target counts with all its steps: the ratio is then at least that.

Exit status: 0, 1 where a run of ours did not reach a target or a median ratio is below --require, 2
where a program failed.
"""

import argparse
import json
import os
import shlex
import statistics
import sys
import tempfile
import time

import compare_speed
from compare_speed import ProgramFailed

PEER = "pytorch"
SCRIPT = os.path.join(compare_speed.HERE, "gpt_torch.py")
GOOD_BLAS = ("openblas", "mkl", "blis")
CALIBRATION = ["--steps", "60", "--eval-from", "60"]
SAME = (
    "model.preset=tiny model.context=64 train.batch_size=16 train.eval_every=10 "
    "train.eval_windows=1000000 train.checkpoint_every=0 train.keep_best=false"
)
# The steps of an arm are its schedule: the loss is to be reached shortly before its end.
ARMS = {
    "manifold": "optimizer.type=composed_manifold train.steps=380",
    "muon": "optimizer.type=muon optimizer.muon.lr=0.04 train.steps=260",
}
COMMAND = "./muon train --engine cpu --threads {threads} --data {data} --seed {seed} --out {out}"


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--data", required=True, help="text file, ASCII, e.g. tinyshakespeare.txt")
    parser.add_argument("--targets", type=float, nargs="+", default=[1.88, 1.92],
                        help="validation losses (default: 1.88 1.92)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--arms", nargs="+", default=list(ARMS), choices=ARMS)
    parser.add_argument("--set", nargs="+", default=[], metavar="KEY=VALUE",
                        help="more settings for ours, e.g. train.steps=300")
    parser.add_argument("--require", type=float, help="least median ratio, e.g. 4")
    parser.add_argument("--python", default=sys.executable, help="the Python that has PyTorch")
    parser.add_argument("--peer-options", help="options for gpt_torch.py, in place of the fastest")
    parser.add_argument("--timeout", type=float, default=3600, help="seconds for one program")
    arguments = parser.parse_args()
    if arguments.rounds < 1:
        parser.error("--rounds must be at least 1")
    arguments.data = os.path.abspath(arguments.data)
    return arguments


def main():
    arguments = parse_arguments()
    try:
        options = peer_options(arguments)
        rounds = [play(arguments, options, number) for number in range(arguments.rounds)]
    except (ProgramFailed, OSError) as error:
        print(f"time_to_loss: {error}", file=sys.stderr)
        return 2
    try:
        results = [compare(rounds, target, arm)
                   for target in arguments.targets for arm in arguments.arms]
    except ProgramFailed as error:
        print(f"time_to_loss: {error}", file=sys.stderr)
        return 2
    print(table(results))
    print(costs(rounds))
    required = arguments.require or 0
    report = {
        "threads": arguments.threads, "required": required, "peer_options": options,
        "results": results, "rounds": rounds,
    }
    print(json.dumps(report))
    passed = [r["reached"] and r["ratio"] >= required for r in results]
    return 0 if all(passed) else 1


# ---- the two programs --------------------------------------------------------------------------


def peer_options(arguments):
    """The options for threads with which the peer's first steps take the least time."""
    if arguments.peer_options is not None:
        return shlex.split(arguments.peer_options)
    threads = str(arguments.threads)
    settings = [["--threads", threads], ["--threads", threads, "--plain"], ["--threads", "1"]]
    seconds = []
    for setting in settings:
        result = run_peer(arguments, [*setting, *CALIBRATION], 0)
        seconds.append(result["seconds"])
        tell(f"pytorch {shlex.join(setting)}: {seconds[-1]:.1f} s for {result['steps']} steps")
    return settings[seconds.index(min(seconds))]


def play(arguments, options, number):
    """Runs all programs once; returns what they told, by name."""
    programs = [PEER, *arguments.arms]
    start = number % len(programs)
    runs = {}
    for program in programs[start:] + programs[:start]:
        if program == PEER:
            runs[program] = run_peer(arguments, options, number)
        else:
            runs[program] = run_ours(arguments, program, number)
        last = runs[program]["validations"][-1]
        tell(
            f"round {number + 1} {program}: loss {last['val_loss']:.4f} after "
            f"{last['seconds']:.1f} s of training, {last['tokens']} tokens"
        )
    return runs


def run_peer(arguments, options, seed):
    command = [
        arguments.python, SCRIPT, "--data", arguments.data,
        "--target", str(min(arguments.targets)), "--seed", str(seed), *options,
    ]
    begin = time.perf_counter()
    output, _ = compare_speed.execute(command, arguments.timeout)
    wall = time.perf_counter() - begin
    *lines, result = map(json.loads, output.splitlines())
    if not any(name in result["blas"] for name in GOOD_BLAS):
        raise ProgramFailed(
            f"PyTorch multiplies with {result['blas']}, wanted one of {', '.join(GOOD_BLAS)}, "
            "beside which a time means something; install libopenblas0-pthread"
        )
    result["validations"] = lines
    result["rest_seconds"] = wall - result["seconds"] - result["validation_seconds"]
    return result


def run_ours(arguments, arm, seed):
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "run")
        values = {"data": arguments.data, "seed": seed, "out": out, "threads": arguments.threads}
        command = [word.format(**values) for word in shlex.split(COMMAND)]
        for setting in [*SAME.split(), *ARMS[arm].split(), *arguments.set]:
            command += ["--set", setting]
        begin = time.perf_counter()
        compare_speed.execute(command, arguments.timeout)
        wall = time.perf_counter() - begin
        with open(os.path.join(out, "metrics.jsonl"), encoding="utf-8") as file:
            lines = [json.loads(line) for line in file]
    validations = validations_of(lines)
    seconds = validations[-1]["seconds"]
    return {
        "program": "manifold-muon",
        "seconds": seconds,
        "validation_seconds": lines[-1]["total_seconds"] - seconds,  # and logging, but for the last
        "rest_seconds": wall - lines[-1]["total_seconds"],
        "validations": validations,
    }


def validations_of(lines):
    """The validations of a run's metrics, with the time of the training steps before each.

    A line's `step_ms` is the mean over the steps since the line before.
    """
    seconds = 0.0
    step = 0
    validations = []
    for line in lines:
        seconds += line["step_ms"] * (line["step"] - step) / 1e3
        step = line["step"]
        if "val_loss" in line:
            validation = {key: line[key] for key in ("step", "tokens", "val_loss")}
            validations.append({**validation, "seconds": seconds})
    if not validations:
        raise ProgramFailed("the run's metrics have no val_loss; was it cut short?")
    return validations


# ---- what came out -----------------------------------------------------------------------------


def until(target, validations):
    """The first validation at or below the target, or else the last, and whether it is."""
    for i, validation in enumerate(validations):
        if validation["val_loss"] <= target:
            if i == 0:
                raise ProgramFailed(
                    f"the first validation, at step {validation['step']}, is below {target} already, "
                    "so that it may have been so long before; validate earlier"
                )
            return validation, True
    return validations[-1], False


def compare(rounds, target, arm):
    """The times of the peer and of an arm of ours to a target, and their ratios."""
    found = [{p: until(target, runs[p]["validations"]) for p in (PEER, arm)} for runs in rounds]
    ours, peer = ([pair[p][0]["seconds"] for pair in found] for p in (arm, PEER))
    ratios = [b / a for a, b in zip(ours, peer)]
    return {
        "target": target,
        "arm": arm,
        "reached": all(pair[arm][1] for pair in found),
        "peer_reached": all(pair[PEER][1] for pair in found),
        "seconds": spread(ours),
        "peer_seconds": spread(peer),
        "tokens": statistics.median(pair[arm][0]["tokens"] for pair in found),
        "peer_tokens": statistics.median(pair[PEER][0]["tokens"] for pair in found),
        "peer_loss": statistics.median(pair[PEER][0]["val_loss"] for pair in found),
        "ratio": statistics.median(ratios),
        "ratio_min": min(ratios),
        "ratio_max": max(ratios),
    }


def spread(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def table(results):
    lines = [
        "seconds of training to a validation loss: median (least - most), thousands of tokens",
        f"{'loss':5} {'arm':9} {'ours':>22} {'tokens':>7} {'PyTorch':>24} {'tokens':>7} "
        f"{'ratio':>7} {'least':>6} {'most':>6}",
    ]
    for r in results:
        peer = ("" if r["peer_reached"] else "> ") + seconds_text(r["peer_seconds"])
        lines.append(
            f"{r['target']:<5} {r['arm']:9} {seconds_text(r['seconds']):>22} "
            f"{r['tokens'] / 1e3:7.0f} {peer:>24} {r['peer_tokens'] / 1e3:7.0f} "
            f"{'' if r['peer_reached'] else '>'}{r['ratio']:>{7 if r['peer_reached'] else 6}.2f} "
            f"{r['ratio_min']:6.2f} {r['ratio_max']:6.2f}"
        )
        if not r["reached"]:
            lines.append(
                f"      {r['arm']} did not reach {r['target']} in every round; all its steps are "
                "counted then, and the ratio is too high"
            )
        if not r["peer_reached"]:
            lines.append(
                f"      >: PyTorch ended above {r['target']} in some round, median loss "
                f"{r['peer_loss']:.3f}; all its steps are counted then"
            )
    return "\n".join(lines)


def seconds_text(s):
    return f"{s['median']:.1f} ({s['min']:.1f} - {s['max']:.1f})"


def costs(rounds):
    """Medians of what is not counted above."""
    lines = ["not counted, seconds, median: validations; start, saving and end"]
    for program in rounds[0]:
        validation, rest = (
            statistics.median(runs[program][key] for runs in rounds)
            for key in ("validation_seconds", "rest_seconds")
        )
        lines.append(f"{program:9} {validation:7.1f} {rest:7.1f}")
    return "\n".join(lines)


def tell(message):
    print(message, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
