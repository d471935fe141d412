#!/usr/bin/python3
"""Properties of the PyTorch peers: the model, the file format, the programs."""

import contextlib
import dataclasses
import io
import json
import math
import os
import struct
import subprocess
import sys
import tempfile
import unittest

import numpy as np
import torch

import bench_products
import check_gradients
import compare_speed
import eager_moe
import model_config
import moe_torch
import safetensors_io

SMALL = model_config.MoeConfig(
    d_model=12, n_layers=2, n_heads=3, n_experts=4, top_k=2, d_ff=10, context=7, vocab=11
)
SEED = 5
torch.set_num_threads(1)


def double_model(config=SMALL, **options):
    # A large spread makes every path contribute visibly.
    parameters = moe_torch.initial_parameters(config, SEED, matrix_std=0.3, **options)
    return moe_torch.MoeModel(config, {n: p.double() for n, p in parameters.items()})


def batch(config=SMALL, count=3):
    generator = torch.Generator().manual_seed(SEED)
    ids = torch.randint(config.vocab, (count, config.context + 1), generator=generator)
    return ids[:, :-1], ids[:, 1:]


ALL_OPTIONS = {"weight_gain": True, "shared_expert": True, "temperature": True}


class ModelTest(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(SEED)

    def test_with_all_experts_chosen_it_is_the_dense_mixture(self):
        config = dataclasses.replace(SMALL, top_k=SMALL.n_experts)
        model = double_model(config)
        x = torch.randn(2, 7, 12, dtype=torch.float64)
        got, _, _ = model.moe("layers.1", x)
        shares = torch.softmax(x @ model.weight("layers.1.moe.router").T, dim=-1)
        hidden = torch.einsum("btd,efd->btef", x, model.weight("layers.1.moe.up"))
        silu = torch.nn.functional.silu(hidden)
        want = torch.einsum("bte,btef,edf->btd", shares, silu, model.weight("layers.1.moe.down"))
        torch.testing.assert_close(got, want, rtol=1e-12, atol=1e-12)

    def test_logits_do_not_depend_on_later_tokens(self):
        model, (ids, _) = double_model(**ALL_OPTIONS), batch()
        before, _, _ = model.forward(ids)
        changed = ids.clone()
        changed[:, 4:] = (changed[:, 4:] + 1) % SMALL.vocab
        after, _, _ = model.forward(changed)
        torch.testing.assert_close(after[:, :4], before[:, :4], rtol=0, atol=1e-13)
        self.assertGreater((after[:, 4:] - before[:, 4:]).abs().min(dim=-1)[0].max().item(), 1e-6)

    def test_permuting_the_batch_permutes_the_logits(self):
        model, (ids, _) = double_model(), batch()
        order = torch.tensor([2, 0, 1])
        logits, balance, _ = model.forward(ids)
        permuted, permuted_balance, _ = model.forward(ids[order])
        torch.testing.assert_close(permuted, logits[order], rtol=1e-12, atol=1e-12)
        self.assertAlmostEqual(balance.item(), permuted_balance.item(), places=12)

    def test_gradient_is_the_directional_finite_difference(self):
        model, (ids, targets) = double_model(**ALL_OPTIONS), batch()
        for parameter in model.parameters.values():
            parameter.requires_grad_(True)
        model.losses(ids, targets).objective(alpha=0.3, beta=0.1).backward()
        routes = [route.clone() for route in model.routes]
        generator = torch.Generator().manual_seed(SEED)
        step = 1e-6
        for name, parameter in model.parameters.items():
            direction = torch.randn(parameter.shape, generator=generator, dtype=torch.float64)
            values = []
            with torch.no_grad():
                for sign in (1, -2, 1):  # forward, backward, and back to where it was
                    parameter += sign * step * direction
                    values.append(model.losses(ids, targets).objective(alpha=0.3, beta=0.1).item())
                    for route, now in zip(routes, model.routes):
                        self.assertTrue(torch.equal(route, now), f"{name}: routing changed")
            slope = (values[0] - values[1]) / (2 * step)
            want = (parameter.grad * direction).sum().item()
            self.assertAlmostEqual(slope, want, delta=1e-7 * (1 + abs(want)), msg=name)

    def test_balance_loss_has_no_gradient_through_the_shares_and_is_one_when_even(self):
        model = double_model()
        logits = torch.zeros(8, 4, dtype=torch.float64, requires_grad=True)
        even = torch.tensor([[0, 1], [2, 3]] * 4)
        self.assertAlmostEqual(model.balance_loss(logits, even).item(), 1.0, places=14)
        skewed = torch.tensor([[0, 1]] * 8)
        model.balance_loss(logits, skewed).backward()
        # E * sum_i f_i dP_i/dl: P = 1/4, f = (1/2, 1/2, 0, 0), softmax Jacobian, mean over 8 rows
        want = 4 / 8 * torch.tensor([1 / 16, 1 / 16, -1 / 16, -1 / 16], dtype=torch.float64)
        torch.testing.assert_close(logits.grad, want.expand(8, 4))

    def test_ties_go_to_the_lower_index(self):
        logits = torch.tensor([[1.0, 2.0, 2.0, 2.0], [0.0, 0.0, 0.0, 0.0]], dtype=torch.float64)
        self.assertEqual(double_model().choose("layers.0", logits).tolist(), [[1, 2], [0, 1]])

    def test_round_robin_gives_every_expert_its_turn(self):
        model = double_model(dataclasses.replace(SMALL, routing="round_robin", n_experts=3))
        model.moe("layers.0", torch.randn(1, 4, 12, dtype=torch.float64))
        self.assertEqual(model.routes[-1].tolist(), [[0, 1], [2, 0], [1, 2], [0, 1]])

    def test_router_bias_changes_the_choice_but_not_the_weights(self):
        model = double_model()
        x = torch.randn(1, 7, 12, dtype=torch.float64)
        model.parameters["layers.0.moe.router.bias"] = torch.tensor([0.0, 100.0, 90.0, 0.0])
        model.moe("layers.0", x)
        self.assertEqual(model.routes[-1].tolist(), [[1, 2]] * 7)
        model.parameters["layers.0.moe.router.bias"] *= 2
        first, _, _ = model.moe("layers.0", x)
        model.parameters["layers.0.moe.router.bias"] /= 2
        torch.testing.assert_close(first, model.moe("layers.0", x)[0], rtol=0, atol=0)

    def test_an_unused_expert_has_zero_gradient(self):
        model, (ids, targets) = double_model(), batch()
        for i in range(SMALL.n_layers):
            model.parameters[f"layers.{i}.moe.router.bias"] = torch.tensor([0.0, 0.0, 0.0, -1e6])
        up = model.parameters["layers.0.moe.up.weight"].requires_grad_(True)
        model.losses(ids, targets).cross_entropy.backward()
        self.assertEqual(up.grad[3].abs().max().item(), 0.0)
        self.assertGreater(up.grad[:3].abs().amax(dim=(1, 2)).min().item(), 0.0)

    def test_weight_gain_multiplies_the_weight(self):
        model = double_model(weight_gain=True)
        folded = {n: model.parameters[n] for n in moe_torch.parameter_shapes(SMALL)}
        for name in list(folded):
            if name.endswith(".weight"):
                folded[name] = model.weight(name.removesuffix(".weight"))
        ids, _ = batch()
        want = moe_torch.MoeModel(SMALL, folded).forward(ids)[0]
        torch.testing.assert_close(model.forward(ids)[0], want, rtol=1e-12, atol=1e-12)
        self.assertNotAlmostEqual(
            double_model().forward(ids)[0].sum().item(), want.sum().item(), places=3
        )

    def test_rope_keeps_norms_and_depends_on_distance_only(self):
        q, k = torch.randn(2, 1, 8, dtype=torch.float64).unbind(0)
        turned_q, turned_k = (moe_torch.rope(x.expand(6, 8), 10000.0) for x in (q, k))
        self.assertAlmostEqual(turned_q[5].norm().item(), q.norm().item(), places=12)
        products = turned_q @ turned_k.T
        self.assertAlmostEqual(products[3, 1].item(), products[5, 3].item(), places=12)
        # Interleaved pairs: the first pair turns by one radian per position.
        want = q[0, 0] * math.cos(1) - q[0, 1] * math.sin(1)
        self.assertAlmostEqual(turned_q[1, 0].item(), want.item(), places=12)
        # The third pair, of a width of 8, by 10000^(-4/8) = 0.01.
        want = q[0, 4] * math.sin(0.05) + q[0, 5] * math.cos(0.05)
        self.assertAlmostEqual(turned_q[5, 5].item(), want.item(), places=12)

    def test_missing_unknown_and_misshapen_parameters_are_errors(self):
        good = double_model().parameters
        for name, value in (
            ("embed.weight", torch.zeros(11, 13)), ("layers.0.other", torch.zeros(1)),
            ("embed.gains", torch.zeros(1)), ("final_norm.gain", None),
        ):
            wrong = dict(good)
            wrong[name] = value
            if value is None:
                del wrong[name]
            with self.assertRaisesRegex(model_config.ConfigError, name):
                moe_torch.MoeModel(SMALL, wrong)

    def test_windows_overlap_by_the_target_only(self):
        ids, targets = moe_torch.windows(bytes(range(9)), 4, 2)
        self.assertEqual(ids.tolist(), [[0, 1, 2, 3], [4, 5, 6, 7]])
        self.assertEqual(targets.tolist(), [[1, 2, 3, 4], [5, 6, 7, 8]])
        with self.assertRaisesRegex(model_config.ConfigError, "8 bytes hold 1"):
            moe_torch.windows(bytes(range(8)), 4, 2)


class EagerModelTest(unittest.TestCase):
    def test_eager_model_has_the_loss_and_gradients_of_the_plain_one(self):
        parameters = moe_torch.initial_parameters(SMALL, SEED, matrix_std=0.3)
        eager = eager_moe.from_parameters(SMALL, parameters)
        ids, targets = batch()
        loss, balance = eager(ids, targets)
        (loss + 0.5 * balance).backward()
        doubles = {n: p.double().requires_grad_() for n, p in parameters.items()}
        plain = moe_torch.MoeModel(SMALL, doubles)
        losses = plain.losses(ids, targets)
        losses.objective(alpha=0.5).backward()
        self.assertAlmostEqual(loss.item(), losses.cross_entropy.item(), places=5)
        want = {name: p.grad for name, p in plain.parameters.items()}
        layer = eager.layers[1]
        qkv = torch.cat([want[f"layers.1.attn.{p}.weight"] for p in "qkv"])
        for got, truth in (
            (eager.embed, want["embed.weight"]), (layer.attn.qkv, qkv),
            (layer.attn_norm.gain, want["layers.1.attn_norm.gain"]),
            (layer.moe.router, want["layers.1.moe.router.weight"]),
            (layer.moe.up, want["layers.1.moe.up.weight"]),
            (layer.moe.down, want["layers.1.moe.down.weight"]),
        ):
            self.assertLess(check_gradients.tensor_error(got.grad.double(), truth), 1e-5)

    def test_training_steps_lower_the_loss(self):
        torch.manual_seed(SEED)
        eager = eager_moe.from_parameters(SMALL, moe_torch.initial_parameters(SMALL, SEED))
        optimizer = eager_moe.adamw(eager, learning_rate=1e-2)
        losses = [eager_moe.train_step(eager, optimizer, *batch()).item() for _ in range(60)]
        self.assertLess(losses[-1], 0.3 * losses[0])


class ChainTest(unittest.TestCase):
    def test_the_chain_brings_singular_values_near_one(self):
        torch.manual_seed(SEED)
        x = bench_products.newton_schulz(torch, torch.randn(3, 6, 10).double())
        values = torch.linalg.svdvals(x)
        self.assertTrue(((values > 0.65) & (values < 1.25)).all(), values)

    def test_operations_are_those_of_the_three_products(self):
        # one matrix of 2 x 3: XX^T 24, AA 16, BX 24, five times
        self.assertEqual(bench_products.flops_of_chain(1, 2, 3), 5 * 64)


class SafetensorsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "t.safetensors")

    def test_round_trip_keeps_values_shapes_types_and_metadata(self):
        tensors = {
            "b": np.arange(6, dtype=np.float32).reshape(2, 3), "a": np.array([1.5, np.nan]),
            "scalar": np.array(7, dtype=np.int64), "empty": np.zeros((0, 4), dtype=np.float16),
            "strided": np.arange(8, dtype=np.uint8)[::2], "big": np.array([1, 2], dtype=">i4"),
            "truth": np.array([True, False]),
        }
        safetensors_io.write(self.path, tensors, {"loss": "1.25", "text": "ä"})
        read, metadata = safetensors_io.read(self.path)
        self.assertEqual(metadata, {"loss": "1.25", "text": "ä"})
        self.assertEqual(list(read), list(tensors))
        for name, value in tensors.items():
            np.testing.assert_array_equal(read[name], value)
            self.assertEqual(read[name].shape, value.shape)
        with open(self.path, "rb") as file:
            self.assertEqual(struct.unpack("<Q", file.read(8))[0] % 8, 0)

    def test_bfloat16_is_widened(self):
        header = b'{"x":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}'
        self.put(header, struct.pack("<HH", 0x3FC0, 0xC000))
        np.testing.assert_array_equal(safetensors_io.read(self.path)[0]["x"], [1.5, -2.0])

    def test_what_is_wrong_is_refused(self):
        entry = '"%s":{"dtype":"F32","shape":[%s],"data_offsets":[%d,%d]}'
        cases = {
            "no header": None,
            "not JSON": ("{", b""),
            "duplicate": ("{%s,%s}" % (entry % ("a", 1, 0, 4), entry % ("a", 1, 4, 8)), bytes(8)),
            "hole": ("{%s,%s}" % (entry % ("a", 1, 0, 4), entry % ("b", 1, 8, 12)), bytes(12)),
            "overlap": ("{%s,%s}" % (entry % ("a", 2, 0, 8), entry % ("b", 1, 4, 8)), bytes(8)),
            "truncated": ("{%s}" % entry % ("a", 4, 0, 16), bytes(12)),
            "too long": ("{%s}" % entry % ("a", 1, 0, 4), bytes(8)),
            "shape": ("{%s}" % entry % ("a", "2,2", 0, 12), bytes(12)),
            "negative": ("{%s}" % entry % ("a", "-1,-1", 0, 4), bytes(4)),
            "type": ('{"a":{"dtype":"F31","shape":[1],"data_offsets":[0,4]}}', bytes(4)),
        }
        for what, case in cases.items():
            with self.subTest(what):
                if case is None:
                    with open(self.path, "wb") as file:
                        file.write(struct.pack("<Q", 1 << 40) + b"{}")
                else:
                    self.put(case[0].encode(), case[1])
                with self.assertRaises(safetensors_io.FormatError):
                    safetensors_io.read(self.path)

    def put(self, header, data):
        with open(self.path, "wb") as file:
            file.write(struct.pack("<Q", len(header)) + header + data)


class ConfigTest(unittest.TestCase):
    def test_own_yaml_parser_reads_a_resolved_config(self):
        text = (
            "---\n# a run\nmodel:\n  type: \"moe\"   # kind\n  n_heads: 8\n  preset: null\n"
            "  deep:\n    on: true\ndata:\n    path: 'a'\noptimizer: {}\nlist:\n- 1\n"
            "train:\n  lr: 3e-3\n"
        )
        got = model_config.parse_simple_yaml(text)
        self.assertEqual(got["model"]["type"], "moe")
        self.assertEqual(got["model"]["n_heads"], 8)
        self.assertIsNone(got["model"]["preset"])
        self.assertEqual(got["model"]["deep"], {"on": True})
        self.assertEqual(got["train"], {"lr": 0.003})

    def test_sizes_come_from_shapes_settings_and_presets(self):
        def resolve(preset, **settings):
            shapes = moe_torch.parameter_shapes(model_config.PRESETS[preset])
            return model_config.from_tensors(shapes, settings)

        self.assertEqual(resolve("blueberry"), model_config.PRESETS["blueberry"])
        self.assertEqual(resolve("tiny", n_heads="2", top_k=1).n_heads, 2)
        self.assertEqual(resolve("tiny", rms_eps="1e-05", routing="round_robin").rms_eps, 1e-5)
        with self.assertRaisesRegex(model_config.ConfigError, "context is 'x', int wanted"):
            resolve("tiny", context="x")
        with self.assertRaisesRegex(model_config.ConfigError, "d_ff"):
            resolve("tiny", d_ff=100)
        shapes = moe_torch.parameter_shapes(SMALL)
        with self.assertRaisesRegex(model_config.ConfigError, "n_heads, top_k, context unknown"):
            model_config.from_tensors(shapes, {})


class ProgramsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.data = self.file("data")
        with open(self.data, "wb") as file:
            file.write(bytes(i * i % 11 for i in range(60)))
        parameters = moe_torch.initial_parameters(SMALL, SEED, matrix_std=0.3, weight_gain=True)
        safetensors_io.write(
            self.file("model.safetensors"), {n: p.numpy() for n, p in parameters.items()}
        )
        with open(self.file("config.yaml"), "w", encoding="utf-8") as file:
            file.write("model:\n  n_heads: 3\n  top_k: 2\n  context: 7\n")

    def file(self, name):
        return os.path.join(self.folder, name)

    def check(self, *options):
        command = ["check_gradients", "--checkpoint", self.folder, "--data", self.data]
        output = io.StringIO()
        arguments, sys.argv = sys.argv, [*command, "--windows", "4", *options]
        try:
            with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
                return check_gradients.main(), output.getvalue()
        finally:
            sys.argv = arguments

    def test_own_gradients_agree_and_changed_ones_do_not(self):
        path = self.file("g.safetensors")
        self.assertEqual(self.check("--out", path)[0], 0)
        status, text = self.check("--gradients", path, "--json")
        report = json.loads(text)
        self.assertEqual((status, report["failures"]), (0, []))
        self.assertLess(report["max_error"], 1e-6)
        self.assertLess(report["loss_error"], 1e-12)
        good, metadata = safetensors_io.read(path)
        name = "layers.1.moe.router.weight"
        for change in (1.001, np.nan):
            self.write_changed(path, good, metadata, {name: good[name] * np.float32(change)})
            status, text = self.check("--gradients", path)
            self.assertEqual(status, 1, text)
            self.assertIn(f"FAIL {name}", text)
        self.write_changed(path, good, {"loss": "2.0"}, {"extra": np.zeros(1)})
        status, text = self.check("--gradients", path)
        self.assertEqual(status, 1)
        self.assertIn("FAIL loss", text)
        self.assertIn("FAIL extra", text)

    def write_changed(self, path, good, metadata, changes):
        safetensors_io.write(path, {**good, **changes}, metadata)

    def test_missing_tensor_and_bad_input(self):
        path = self.file("g.safetensors")
        safetensors_io.write(path, {"embed.weight": np.zeros((11, 12), dtype=np.float32)})
        status, text = self.check("--gradients", path)
        self.assertEqual(status, 1)
        self.assertIn("FAIL final_norm.gain: missing", text)
        self.assertEqual(self.check("--gradients", self.data)[0], 2)
        self.assertEqual(self.check("--windows", "9")[0], 2)

    def test_the_weight_of_the_balance_loss_is_the_config_s(self):
        objectives = [json.loads(self.check("--json", *o)[1]) for o in ((), ("--alpha", "0.5"))]
        with open(self.file("config.yaml"), "a", encoding="utf-8") as file:
            file.write("  balance_loss: 0.5\n")
        objectives.append(json.loads(self.check("--json")[1]))
        first, second, third = (o["objective"] - o["loss"] for o in objectives)
        self.assertAlmostEqual(second, 50 * first, places=12)
        self.assertAlmostEqual(third, second, places=14)

    def test_loss_only_compares_the_loss(self):
        status, text = self.check("--loss-only", "--json")
        loss = json.loads(text)["loss"]
        self.assertEqual(status, 0)
        self.assertEqual(self.check("--loss-only", "--expect-loss", str(loss * (1 + 1e-6)))[0], 0)
        self.assertEqual(self.check("--loss-only", "--expect-loss", str(loss * (1 + 1e-4)))[0], 1)
        self.assertEqual(self.check("--loss-only", "--expect-loss", "nan")[0], 1)

    def test_compare_speed_runs_both_and_prints_the_ratio(self):
        fake = "import json; print(json.dumps({'tokens_per_s': 1e9, 'batch': 8, 'context': 128}))"
        script = os.path.join(compare_speed.HERE, "compare_speed.py")
        command = [
            sys.executable, script, "--presets", "tiny", "--rounds", "1", "--require", "1.5",
            "--ours", f'"{sys.executable}" -c "{fake}"', "--peer-options", "--steps 1 --warmup 0",
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        result = json.loads(done.stdout.splitlines()[-1])["results"][0]
        self.assertEqual(result["ours"], 1e9)
        self.assertGreater(result["ratio"], 1.5)
        self.assertIn("blas", result["pytorch_report"])
        other = [part.replace("'batch': 8", "'batch': 4") for part in command]
        done = subprocess.run(other, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("not the same batch", done.stderr)


if __name__ == "__main__":
    unittest.main()
