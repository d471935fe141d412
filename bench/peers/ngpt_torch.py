"""The normalised models (nGPT and its gated form) in plain PyTorch, to be read and compared against.

No code and no design is shared with the Java model: every parameter is a tensor under its file
name, every formula is spelt out, and any float type works. Norm(x) = x / |x|.

    nGPT:   x = embed[ids];                          x = Norm(x + |alpha| (Norm(f(x)) - x))
    gated:  x = Norm(Norm(embed[ids]) + Norm(pos));  x = Norm(x + sigmoid(gate) alpha f(x))
"""

import math

import torch


class NgptModel:
    """The model over a map of parameters by file name; `settings` is `model:` of a config.yaml."""

    def __init__(self, settings, parameters):
        self.gated = settings["type"] == "gated-ngpt"
        self.heads = int(settings["n_heads"])
        self.base = float(settings.get("rope_base", 10000.0))
        self.parameters = parameters
        self.width = parameters["embed.weight"].shape[1]
        names = [name for name in parameters if name.startswith("layers.")]
        self.layers = 1 + max(int(name.split(".")[1]) for name in names)

    def loss(self, ids, targets):
        """Mean cross-entropy in nats of predicting `targets` [B, T] from `ids` [B, T]."""
        log_probabilities = torch.log_softmax(self.logits(ids), dim=-1)
        return -log_probabilities.gather(-1, targets.unsqueeze(-1)).mean()

    def logits(self, ids):
        p = self.parameters
        x = p["embed.weight"][ids]
        if self.gated:
            positions = norm(p["position.weight"][: ids.shape[1]])
            x = norm(norm(x) + positions)
        for i in range(self.layers):
            for branch, function in (("attn", self.attention), ("mlp", self.mlp)):
                name = f"layers.{i}.{branch}"
                x = self.joined(name, x, function(name, x))
        head = p["head.weight"]
        if self.gated:
            return 15.0 * (x @ norm(head).T)
        return (x @ head.T) * (p["s_z"] * math.sqrt(self.width))

    def joined(self, name, x, f):
        alpha = self.parameters[name + ".alpha"]
        if self.gated:
            return norm(x + torch.sigmoid(self.parameters[name + ".gate"]) * alpha * f)
        effective = (alpha * (0.05 * math.sqrt(self.width))).abs()
        return norm(x + effective * (norm(f) - x))

    def attention(self, name, x):
        batch, time, width = x.shape
        size = width // self.heads
        q, k, v = (
            (x @ self.parameters[f"{name}.{m}.weight"].T).view(batch, time, self.heads, size)
            for m in "qkv"
        )
        scale = 1 / math.sqrt(size)
        if not self.gated:
            s = (self.parameters[name + ".s_qk"] * math.sqrt(width)).view(self.heads, size)
            q, k = (norm(self.rotated(y)) * s for y in (q, k))
            scale = math.sqrt(size)
        scores = torch.einsum("bthd,bshd->bhts", q, k) * scale
        future = torch.ones(time, time, dtype=torch.bool).triu(1)
        weights = torch.softmax(scores.masked_fill(future, -math.inf), dim=-1)
        mixed = torch.einsum("bhts,bshd->bthd", weights, v).reshape(batch, time, width)
        return mixed @ self.parameters[name + ".o.weight"].T

    def rotated(self, x):
        """Pairs (2i, 2i+1) turned by position * base^(-2i/size)."""
        time, size = x.shape[1], x.shape[3]
        frequency = self.base ** (-torch.arange(0, size, 2, dtype=x.dtype) / size)
        angle = torch.arange(time, dtype=x.dtype)[:, None] * frequency  # [T, size/2]
        cos, sin = angle.cos()[None, :, None], angle.sin()[None, :, None]
        even, odd = x[..., 0::2], x[..., 1::2]
        turned = torch.stack((even * cos - odd * sin, even * sin + odd * cos), dim=-1)
        return turned.flatten(-2)

    def mlp(self, name, x):
        p = self.parameters
        if self.gated:
            up = x @ p[name + ".up.weight"].T
            hidden = 0.5 * up * (1 + torch.erf(up / math.sqrt(2)))
        else:
            u = (x @ p[name + ".u.weight"].T) * p[name + ".s_u"]
            v = (x @ p[name + ".v.weight"].T) * p[name + ".s_v"] * math.sqrt(self.width)
            hidden = u * (v * torch.sigmoid(v))
        return hidden @ p[name + ".down.weight"].T


def norm(x):
    return x / x.norm(dim=-1, keepdim=True)
