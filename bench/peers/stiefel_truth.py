"""The best tangent step on the Stiefel manifold, found in float64 with NumPy alone, with proof.

Problem: minimise <G, A> subject to ||A||_2 <= eta and W'A + A'W = 0, for W'W = I (m x n, m >= n).

Every symmetric L gives the lower bound -eta * ||G + 2WL||_*; every A gives an upper bound by its
tangent part, divided by max(1, ||.||_2 / eta). `solve` narrows both until they meet. It looks for L
by iteratively re-weighted least squares: with K = W'G, skew part O = (K - K')/2 and N = G - WK, all
G + 2WL are N + W(O + T), T symmetric; P = (N'N + (O+T)'(O+T) + e^2 I)^(-1/2) and TP + PT = PO - OP
in turn, both by an eigendecomposition, accelerated by Anderson's method, with e falling to nothing.
"""

import dataclasses

import numpy as np

STAGES = 60
STEPS = 12
DEPTH = 5
FIRST_EPSILON = 0.3
LEAST_EPSILON = 1e-5
DECAY = 0.75


@dataclasses.dataclass(frozen=True)
class Optimum:
    """The least <G, A> lies between `lower` and `upper`; `update` reaches `upper`."""

    lower: float
    upper: float
    update: np.ndarray

    @property
    def gap(self):
        return (self.upper - self.lower) / abs(self.lower) if self.lower else 0.0


def symmetric(x):
    return (x + x.T) / 2


def tangency(w, a, eta):
    """||W'A + A'W||_F / (eta n), n the short side."""
    if w.shape[0] < w.shape[1]:
        w, a = w.T, a.T
    inner = w.T @ a
    return np.linalg.norm(inner + inner.T) / (eta * w.shape[1])


def random_stiefel(rng, m, n):
    """Orthonormal columns, or rows where m < n, uniformly distributed."""
    if m < n:
        return random_stiefel(rng, n, m).T
    q, r = np.linalg.qr(rng.standard_normal((m, n)))
    return q * np.sign(np.diag(r))


def solve(w, g, eta, target=1e-6):
    """The optimum, to a relative gap of `target` or as near as the stages come."""
    if w.shape[0] < w.shape[1]:
        tall = solve(w.T, g.T, eta, target)
        return dataclasses.replace(tall, update=tall.update.T)
    n = w.shape[1]
    tangent = g - w @ symmetric(w.T @ g)
    size = np.linalg.norm(tangent)
    if size == 0:
        return Optimum(0.0, 0.0, np.zeros_like(g))
    scale = np.sqrt(n) / size
    problem = _Problem(w, tangent * scale)
    t = np.zeros((n, n))
    lower, upper, best = -np.inf, np.inf, None
    epsilon = FIRST_EPSILON
    for _ in range(STAGES):
        t = problem.improve(t, epsilon)
        lower = max(lower, problem.dual(t))
        update, value = problem.feasible(t, epsilon)
        if value < upper:
            upper, best = value, update
        if (upper - lower) <= target * abs(lower):
            break
        epsilon = max(LEAST_EPSILON, DECAY * epsilon)
    return Optimum(eta * lower / scale, eta * upper / scale, eta * best)


class _Problem:
    """For a tangent G with ||G||_F = sqrt(n), and ||A||_2 <= 1."""

    def __init__(self, w, g):
        self.w, self.g = w, g
        k = w.T @ g
        self.skew = (k - k.T) / 2
        self.normal = g - w @ k
        self.square = self.normal.T @ self.normal

    def spectrum(self, t, epsilon):
        s = self.skew + t
        values, vectors = np.linalg.eigh(self.square + s.T @ s)
        return 1 / np.sqrt(np.maximum(values, 0) + epsilon**2), vectors

    def reweighted(self, t, epsilon):
        p, vectors = self.spectrum(t, epsilon)
        o = vectors.T @ self.skew @ vectors
        solution = (p[:, None] * o - o * p[None, :]) / (p[:, None] + p[None, :])
        return symmetric(vectors @ solution @ vectors.T)

    def improve(self, t, epsilon):
        points, changes = [], []
        for _ in range(STEPS):
            change = self.reweighted(t, epsilon) - t
            points, changes = (points + [t])[-DEPTH - 1:], (changes + [change])[-DEPTH - 1:]
            t = t + change
            if len(changes) > 1:
                rise = np.stack([(b - a).ravel() for a, b in zip(changes, changes[1:])], axis=1)
                move = np.stack([(b - a).ravel() for a, b in zip(points, points[1:])], axis=1)
                weights = np.linalg.lstsq(rise, change.ravel(), rcond=1e-9)[0]
                t = symmetric(t - ((rise + move) @ weights).reshape(t.shape))
        return t

    def dual(self, t):
        return -np.linalg.norm(self.normal + self.w @ (self.skew + t), "nuc")

    def feasible(self, t, epsilon):
        p, vectors = self.spectrum(t, epsilon)
        a = -(self.normal + self.w @ (self.skew + t)) @ (vectors * p) @ vectors.T
        a = a - self.w @ symmetric(self.w.T @ a)
        a = a / max(1.0, np.linalg.norm(a, 2))
        return a, float(np.sum(self.g * a))
