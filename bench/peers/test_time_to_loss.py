#!/usr/bin/python3
"""The dense GPT, its training, and the comparison of times to a loss."""

import contextlib
import io
import json
import math
import os
import subprocess
import sys
import tempfile
import unittest

import torch

import gpt_model
import gpt_torch
import time_to_loss
from compare_speed import ProgramFailed

SEED = 5
torch.set_num_threads(1)


def model(context=7, spread=0.3):
    torch.manual_seed(SEED)
    return gpt_model.Gpt(11, context, layers=2, heads=3, width=12, spread=spread).double()


class GptTest(unittest.TestCase):
    def test_attention_is_torch_s_own(self):
        block = model().blocks[0].attn
        x = torch.randn(2, 7, 12, dtype=torch.float64)
        own = torch.nn.MultiheadAttention(12, 3, bias=False, batch_first=True).double()
        with torch.no_grad():
            own.in_proj_weight.copy_(block.qkv.weight)
            own.out_proj.weight.copy_(block.out.weight)
        mask = torch.ones(7, 7, dtype=torch.bool).triu(1)
        want, _ = own(x, x, x, attn_mask=mask, need_weights=False)
        causal = torch.full((7, 7), -math.inf, dtype=torch.float64).triu(1)
        torch.testing.assert_close(block(x, causal), want, rtol=1e-12, atol=1e-12)

    def test_a_token_does_not_depend_on_later_ones(self):
        gpt = model()
        gradient = torch.autograd.functional.jacobian(
            lambda x: gpt.blocks[1](gpt.blocks[0](x, gpt.mask), gpt.mask)[0, 3],
            torch.randn(1, 7, 12, dtype=torch.float64),
        )[:, 0]
        self.assertEqual(gradient[:, 4:].abs().max().item(), 0.0)
        self.assertGreater(gradient[:, :4].abs().amax(dim=(0, 2)).min().item(), 1e-6)

    def test_size_and_spread_are_those_of_the_example(self):
        gpt = gpt_model.Gpt(65, 64, layers=4, heads=4, width=128, spread=0.02)
        per_layer = 12 * 128 * 128 + 2 * 128
        want = (65 + 64) * 128 + 4 * per_layer + 128
        self.assertEqual(sum(p.numel() for p in gpt.parameters()), want)
        self.assertAlmostEqual(gpt.blocks[0].up.weight.std().item(), 0.02, delta=5e-4)
        self.assertAlmostEqual(gpt.blocks[0].down.weight.std().item(), 0.02 / 8**0.5, delta=2e-4)
        self.assertAlmostEqual(gpt.blocks[3].attn.out.weight.std().item(), 0.02 / 8**0.5, delta=3e-4)

    def test_schedule(self):
        got = [gpt_torch.schedule(step, 2000) for step in (0, 49, 99, 100, 1050, 2000)]
        for value, want in zip(got, (0.01, 0.5, 1.0, 1.0, 0.55, 0.1)):
            self.assertAlmostEqual(value, want, places=12)


class GptTorchTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.data = os.path.join(folder.name, "data")
        with open(self.data, "wb") as file:
            file.write(bytes(97 + i * i % 11 for i in range(900)))

    def run_it(self, *options):
        sizes = "--layers 1 --heads 2 --width 16 --context 8 --batch 4 --threads 1 --lr 1e-2"
        command = [sys.executable, gpt_torch.__file__, "--data", self.data, *sizes.split()]
        return subprocess.run([*command, *options], capture_output=True, text=True, check=False)

    def test_it_trains_until_the_loss_is_low_enough(self):
        done = self.run_it("--steps", "400", "--eval-every", "10", "--eval-from", "10",
                           "--target", "1.5")
        self.assertEqual(done.returncode, 0, done.stderr)
        *lines, result = map(json.loads, done.stdout.splitlines())
        self.assertTrue(result["reached"])
        self.assertLess(result["steps"], 400)
        self.assertEqual([line["val_loss"] <= 1.5 for line in lines],
                         [False] * (len(lines) - 1) + [True])
        self.assertEqual([line["step"] for line in lines],
                         [10 * (i + 1) for i in range(len(lines))])
        self.assertEqual(lines[-1]["tokens"], 32 * lines[-1]["step"])
        self.assertEqual(lines[-1]["seconds"], result["seconds"])
        self.assertEqual(result["val_tokens"], 88)  # of 90 characters, ⌊89 / 8⌋ windows of 8

    def test_it_ends_with_its_last_step_and_validates_then(self):
        done = self.run_it("--steps", "5", "--eval-from", "100", "--target", "0")
        *lines, result = map(json.loads, done.stdout.splitlines())
        self.assertEqual([line["step"] for line in lines], [5])
        self.assertFalse(result["reached"])
        self.assertEqual(result["val_loss"], lines[0]["val_loss"])

    def test_what_is_no_ascii_is_refused(self):
        with open(self.data, "ab") as file:
            file.write("ä".encode())
        done = self.run_it()
        self.assertEqual(done.returncode, 2)
        self.assertIn("not all ASCII", done.stderr)

    def test_validation_loss_is_the_mean_over_all_windows(self):
        arguments = gpt_torch.parse_arguments(["--data", self.data])
        (_, text), vocabulary = gpt_torch.read_text(torch, arguments.data, 8)
        self.assertEqual((len(text), vocabulary), (90, 6))
        gpt = model(context=8)
        losses = [gpt(text[None, i:i + 8], text[None, i + 1:i + 9]).item()
                  for i in range(0, 88, 8)]
        got = gpt_torch.validation_loss(torch, gpt, text, 8, windows_at_once=4)
        self.assertAlmostEqual(got, sum(losses) / 11, places=12)


def metrics(*losses, step_ms=100.0):
    """Lines of metrics: the first step by itself, and then every tenth."""
    lines = [{"step": 1, "tokens": 10, "step_ms": 1000.0, "seconds": 1.1}]
    for i, loss in enumerate(losses):
        step = 10 * (i + 1)
        line = {"step": step, "tokens": 10 * step, "step_ms": step_ms, "seconds": 2.0 * (i + 1)}
        lines.append(line if loss is None else {**line, "val_loss": loss})
    return lines


class TimeToLossTest(unittest.TestCase):
    def test_time_is_that_of_the_steps_before_a_validation(self):
        got = time_to_loss.validations_of(metrics(2.5, None, 1.5))
        self.assertEqual([v["step"] for v in got], [10, 30])
        self.assertAlmostEqual(got[0]["seconds"], 1.0 + 0.9, places=12)
        self.assertAlmostEqual(got[1]["seconds"], 1.0 + 2.9, places=12)
        with self.assertRaisesRegex(ProgramFailed, "no val_loss"):
            time_to_loss.validations_of(metrics(None))

    def test_the_first_validation_at_or_below_the_target_counts(self):
        validations = time_to_loss.validations_of(metrics(2.5, 1.88, 1.9, 1.5))
        self.assertEqual(time_to_loss.until(1.88, validations), (validations[1], True))
        self.assertEqual(time_to_loss.until(1.4, validations), (validations[3], False))
        with self.assertRaisesRegex(ProgramFailed, "validate earlier"):
            time_to_loss.until(2.5, validations)
        damaged = time_to_loss.validations_of(metrics(2.5, math.nan))
        self.assertFalse(time_to_loss.until(1.88, damaged)[1])

    def rounds(self):
        def run(*losses, step_ms=100.0):
            validations = time_to_loss.validations_of(metrics(*losses, step_ms=step_ms))
            return {"validations": validations, "validation_seconds": 3, "rest_seconds": 2}

        return [
            {"pytorch": run(2.5, 2.1, 1.9, 1.89, step_ms=900), "muon": run(2.4, 1.87)},
            {"pytorch": run(2.5, 2.1, 1.9, 1.87, step_ms=800), "muon": run(2.4, 1.95, 1.8)},
            {"pytorch": run(2.5, 2.1, 1.9, 1.89, step_ms=700), "muon": run(2.4, 1.87)},
        ]

    def test_ratios_and_bounds(self):
        got = time_to_loss.compare(self.rounds(), 1.88, "muon")
        ratios = (36.1 / 2.9, 32.2 / 3.9, 28.3 / 2.9)
        self.assertAlmostEqual(got["ratio"], ratios[2], places=12)
        self.assertAlmostEqual(got["ratio_max"], ratios[0], places=12)
        self.assertAlmostEqual(got["ratio_min"], ratios[1], places=12)
        self.assertTrue(got["reached"])
        self.assertFalse(got["peer_reached"])
        reached = time_to_loss.compare(self.rounds(), 1.95, "muon")
        self.assertTrue(reached["peer_reached"])
        text = time_to_loss.table([got, reached])
        first, note, second = text.splitlines()[2:]
        self.assertIn("> 32.2 (28.3 - 36.1)", first)
        self.assertIn(">  9.76", first)
        self.assertIn("ended above 1.88", note)
        self.assertNotIn(">", second)
        self.assertFalse(time_to_loss.compare(self.rounds(), 1.85, "muon")["reached"])

    def test_the_whole_comparison(self):
        with tempfile.TemporaryDirectory() as folder:
            data = os.path.join(folder, "data")
            with open(data, "wb") as file:
                file.write(bytes(97 + i * i % 11 for i in range(2000)))
            seeds = []

            def run_ours(arguments, arm, seed):
                seeds.append((arm, seed))
                run = self.rounds()[0]["muon"]
                return {**run, "validations": time_to_loss.validations_of(metrics(2.4, 1.4))}

            output = io.StringIO()
            keep, arguments = time_to_loss.run_ours, sys.argv
            time_to_loss.run_ours = run_ours
            sys.argv = [
                "time_to_loss", "--data", data, "--rounds", "2", "--arms", "muon",
                "--targets", "1.5", "--require", "1e9", "--peer-options",
                "--layers 1 --heads 2 --width 16 --context 8 --batch 4 --lr 1e-2 --eval-from 5 "
                "--eval-every 5 --threads 1",
            ]
            try:
                with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
                    status = time_to_loss.main()
            finally:
                time_to_loss.run_ours, sys.argv = keep, arguments
        self.assertEqual(seeds, [("muon", 0), ("muon", 1)])
        self.assertEqual(status, 1, output.getvalue())  # no machine is that slow
        report = json.loads(output.getvalue().splitlines()[-1])
        self.assertTrue(report["results"][0]["peer_reached"])
        losses = [r["pytorch"]["validations"][-1]["val_loss"] for r in report["rounds"]]
        self.assertNotEqual(losses[0], losses[1])  # each round has its seed
        self.assertLessEqual(max(losses), 1.5)


if __name__ == "__main__":
    unittest.main()
