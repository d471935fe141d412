#!/usr/bin/python3
"""Properties of the NumPy truth of Stiefel steps, and whether the check of answers finds faults."""

import unittest

import numpy as np

import check_optimize_step
import stiefel_truth

ETA = 0.05


def polar(x):
    u, s, v = np.linalg.svd(x, full_matrices=False)
    kept = s > 1e-12 * s[0]
    return u[:, kept] @ v[kept]


class TruthTest(unittest.TestCase):
    def test_bounds_meet_and_the_update_is_feasible(self):
        for name, w, g in check_optimize_step.problems((33, 32), 1) + check_optimize_step.problems(
            (12, 20), 1
        ):
            with self.subTest(name):
                truth = stiefel_truth.solve(w, g, ETA)
                self.assertLessEqual(truth.lower, truth.upper + 1e-12 * abs(truth.upper))
                self.assertLessEqual(truth.gap, 1e-4)
                self.assertAlmostEqual(float(np.sum(g * truth.update)), truth.upper, places=9)
                self.assertLessEqual(np.linalg.norm(truth.update, 2), ETA * (1 + 1e-12))
                self.assertLessEqual(stiefel_truth.tangency(w, truth.update, ETA), 1e-13)

    def test_square_matrices_have_a_formula(self):
        rng = np.random.default_rng(1)
        w = stiefel_truth.random_stiefel(rng, 8, 8)
        g = rng.standard_normal((8, 8))
        k = w.T @ g
        exact = -ETA * w @ polar((k - k.T) / 2)
        truth = stiefel_truth.solve(w, g, ETA)
        self.assertLessEqual(abs(truth.upper - np.sum(g * exact)), 1e-5 * abs(truth.upper))

    def test_one_column_is_the_step_on_the_sphere(self):
        rng = np.random.default_rng(2)
        w = stiefel_truth.random_stiefel(rng, 9, 1)
        g = rng.standard_normal((9, 1))
        t = g - w * (w.T @ g)
        truth = stiefel_truth.solve(w, g, ETA)
        self.assertLessEqual(np.abs(truth.update + ETA * t / np.linalg.norm(t)).max(), 1e-5 * ETA)

    def test_no_feasible_update_is_below_the_lower_bound(self):
        rng = np.random.default_rng(3)
        w = stiefel_truth.random_stiefel(rng, 7, 4)
        g = rng.standard_normal((7, 4))
        truth = stiefel_truth.solve(w, g, ETA)
        for _ in range(500):
            a = truth.update + 0.02 * rng.standard_normal((7, 4))
            a = a - w @ stiefel_truth.symmetric(w.T @ a)
            a = a * ETA / np.linalg.norm(a, 2)
            self.assertGreaterEqual(np.sum(g * a), truth.lower)

    def test_a_wide_problem_is_its_transpose(self):
        rng = np.random.default_rng(4)
        w = stiefel_truth.random_stiefel(rng, 4, 9)
        g = rng.standard_normal((4, 9))
        wide, tall = stiefel_truth.solve(w, g, ETA), stiefel_truth.solve(w.T, g.T, ETA)
        self.assertEqual(wide.lower, tall.lower)
        np.testing.assert_array_equal(wide.update, tall.update.T)

    def test_a_gradient_without_a_tangent_part_moves_nothing(self):
        w = np.eye(6, 3)
        self.assertEqual(stiefel_truth.solve(w, np.zeros((6, 3)), ETA).lower, 0.0)
        self.assertEqual(np.abs(stiefel_truth.solve(w, w, ETA).update).max(), 0.0)


class JudgeTest(unittest.TestCase):
    def setUp(self):
        _, self.w, self.g = check_optimize_step.problems((12, 5), 1)[0]
        self.truth = stiefel_truth.solve(self.w, self.g, ETA)

    def wrong(self, a):
        return check_optimize_step.judge("x", self.w, self.g, a, ETA, self.truth)["wrong"]

    def test_faults_are_found(self):
        a = self.truth.update
        self.assertEqual(self.wrong(a), [])
        self.assertIn("||A||_2", self.wrong(a * 1.001))
        self.assertIn("gap", self.wrong(a * 0.98))
        self.assertIn("gap", self.wrong(-a))
        self.assertIn("tangency", self.wrong(a + 1e-3 * self.w))
        self.assertIn("A is not finite", self.wrong(a * np.nan))
        self.assertIn("gap", self.wrong(-ETA * polar(self.g - self.w @ self.w.T @ self.g)))


if __name__ == "__main__":
    unittest.main()
