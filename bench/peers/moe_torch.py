"""The mixture-of-experts language model in plain PyTorch, written to be read and compared against.

It shares no code and no design with the Java model: every parameter is a tensor under its file
name, every formula is spelt out, and any float type works.

    ids [B, T] -> embed[ids] * sqrt(D) -> L blocks -> RMSNorm -> logits = x . embed^T (tied head)
    block:  x += attention(rms(x));  x += moe(rms(x))
"""

import dataclasses
import math
import os

import torch

import model_config
import safetensors_io


@dataclasses.dataclass
class Losses:
    """Mean cross-entropy in nats, and the routers' losses summed over the layers, unweighted."""

    cross_entropy: torch.Tensor
    balance: torch.Tensor
    router_z: torch.Tensor

    def objective(self, alpha=0.01, beta=0.0):
        """cross_entropy + alpha * balance + beta * router_z."""
        return self.cross_entropy + alpha * self.balance + beta * self.router_z


class MoeModel:
    """The model over a map of parameters by file name.

    Optional parameters are used where the map has them: a `.gain` beside a `.weight` (effective
    weight = gain * weight), `moe.shared.{up,down}.weight`, `moe.router.temperature`, and
    `moe.router.bias` (used in the selection of experts only).
    """

    def __init__(self, config, parameters):
        self.config = config
        self.parameters = parameters
        self.settings = {}  # of the checkpoint, where it has any: all of `model:` in its config
        # Of the last forward pass, one entry a layer:
        self.routes = []  # the chosen experts [B*T, k]
        self.margins = []  # the least difference of k-th and (k+1)-th logit
        self._check_names()

    def losses(self, ids, targets):
        """Losses of predicting `targets` [B, T] from `ids` [B, T]."""
        logits, balance, router_z = self.forward(ids)
        log_probabilities = torch.log_softmax(logits, dim=-1)
        picked = log_probabilities.gather(-1, targets.unsqueeze(-1))
        return Losses(-picked.mean(), balance, router_z)

    def forward(self, ids):
        """Returns (logits [B, T, V], balance loss, router z-loss)."""
        embed = self.weight("embed")
        x = embed[ids] * math.sqrt(self.config.d_model)
        balance = router_z = torch.zeros((), dtype=x.dtype)
        self.routes, self.margins = [], []
        for i in range(self.config.n_layers):
            layer = f"layers.{i}"
            x = x + self.attention(layer, self.rms_norm(f"{layer}.attn_norm", x))
            update, layer_balance, layer_z = self.moe(layer, self.rms_norm(f"{layer}.ffn_norm", x))
            x = x + update
            balance = balance + layer_balance
            router_z = router_z + layer_z
        logits = self.rms_norm("final_norm", x) @ embed.T
        return logits, balance, router_z

    def rms_norm(self, name, x):
        """gain * x / sqrt(mean(x^2) + eps) over the last axis."""
        mean_square = (x * x).mean(dim=-1, keepdim=True)
        return self.parameters[f"{name}.gain"] * x / torch.sqrt(mean_square + self.config.rms_eps)

    def attention(self, layer, x):
        """Causal multi-head attention; heads are contiguous slices of the width."""
        batch, time, width = x.shape
        heads, d_head = self.config.n_heads, self.config.d_head
        q, k, v = (
            (x @ self.weight(f"{layer}.attn.{name}").T)
            .reshape(batch, time, heads, d_head)
            .transpose(1, 2)  # [B, H, T, D/H]
            for name in "qkv"
        )
        base = self.config.rope_base
        scores = rope(q, base) @ rope(k, base).transpose(-1, -2) / math.sqrt(d_head)
        future = torch.ones(time, time, dtype=torch.bool).triu(diagonal=1)
        weights = torch.softmax(scores.masked_fill(future, -math.inf), dim=-1)
        mixed = (weights @ v).transpose(1, 2).reshape(batch, time, width)
        return mixed @ self.weight(f"{layer}.attn.o").T

    def moe(self, layer, x):
        """Dropless mixture of experts; returns (output, balance loss, router z-loss)."""
        rows = x.reshape(-1, x.shape[-1])  # [N, D], N = B*T
        logits = self.router_logits(layer, rows)  # [N, E]
        chosen = self.choose(layer, logits)  # [N, k]
        shares = torch.softmax(logits.gather(1, chosen), dim=1)  # [N, k]
        up, down = self.weight(f"{layer}.moe.up"), self.weight(f"{layer}.moe.down")
        output = torch.zeros_like(rows)
        for expert in range(self.config.n_experts):
            row, place = torch.nonzero(chosen == expert, as_tuple=True)
            result = feed_forward(rows[row], up[expert], down[expert])
            output = output.index_add(0, row, shares[row, place].unsqueeze(1) * result)
        if f"{layer}.moe.shared.up.weight" in self.parameters:
            shared_up = self.weight(f"{layer}.moe.shared.up")
            output = output + feed_forward(rows, shared_up, self.weight(f"{layer}.moe.shared.down"))
        balance = self.balance_loss(logits, chosen)
        router_z = (torch.logsumexp(logits, dim=1) ** 2).mean()
        return output.reshape(x.shape), balance, router_z

    def router_logits(self, layer, rows):
        logits = rows @ self.weight(f"{layer}.moe.router").T
        temperature = self.parameters.get(f"{layer}.moe.router.temperature")
        return logits if temperature is None else logits * temperature

    def choose(self, layer, logits):
        """Experts [N, k]: those of the k largest (biased) logits, ties to the lower index."""
        k, experts = self.config.top_k, self.config.n_experts
        if self.config.routing == "round_robin":
            self.routes.append(torch.arange(len(logits) * k).reshape(-1, k) % experts)
            return self.routes[-1]
        scores = logits.detach()
        bias = self.parameters.get(f"{layer}.moe.router.bias")
        if bias is not None:
            scores = scores + bias.detach()
        # A stable descending sort leaves equal scores in the order of their indices.
        ordered, order = torch.sort(scores, dim=1, descending=True, stable=True)
        if k < experts:
            self.margins.append((ordered[:, k - 1] - ordered[:, k]).min().item())
        self.routes.append(order[:, :k])
        return order[:, :k]

    def balance_loss(self, logits, chosen):
        """E * sum_i f_i P_i.

        f_i is the share of the N*k assignments (no gradient), P_i the mean softmax probability.
        """
        experts = self.config.n_experts
        counts = torch.bincount(chosen.reshape(-1), minlength=experts)
        share = counts.to(logits.dtype) / chosen.numel()
        probability = torch.softmax(logits, dim=1).mean(dim=0)
        return experts * (share * probability).sum()

    def weight(self, name):
        """`name.weight`, times `name.gain` ([1], or [E] for a stack) where there is one."""
        weight = self.parameters[f"{name}.weight"]
        gain = self.parameters.get(f"{name}.gain")
        if gain is None:
            return weight
        return weight * gain.reshape(-1, *[1] * (weight.dim() - 1))

    def _check_names(self):
        shapes = parameter_shapes(self.config)
        for name, shape in shapes.items():
            if name not in self.parameters:
                raise model_config.ConfigError(f"model: parameter {name} is missing")
            got = tuple(self.parameters[name].shape)
            if got != shape:
                raise model_config.ConfigError(f"model: {name} is {got}, {shape} wanted")
        for name in self.parameters.keys() - shapes.keys():
            if not self._is_optional(name):
                raise model_config.ConfigError(f"model: parameter {name} is not known")

    def _is_optional(self, name):
        if name.endswith((".moe.router.temperature", ".moe.router.bias")):
            return True
        if name.endswith((".moe.shared.up.weight", ".moe.shared.down.weight")):
            return True
        return name.endswith(".gain") and name.removesuffix("gain") + "weight" in self.parameters


def feed_forward(x, up, down):
    """down . SiLU(up . x) for each row of x; SiLU(z) = z * sigmoid(z)."""
    hidden = x @ up.T
    return (hidden * torch.sigmoid(hidden)) @ down.T


def rope(x, base):
    """Rotates each pair (x[2i], x[2i+1]) of [..., T, D/H] at time t by t * base^(-2i / (D/H))."""
    time, d_head = x.shape[-2:]
    rates = base ** (-torch.arange(0, d_head, 2, dtype=torch.float64) / d_head)
    angles = torch.arange(time, dtype=torch.float64).unsqueeze(1) * rates
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack((even * cos - odd * sin, even * sin + odd * cos), dim=-1).flatten(-2)


def parameter_shapes(config):
    """The required parameters and their shapes, in file order."""
    d, f, e = config.d_model, config.d_ff, config.n_experts
    shapes = {"embed.weight": (config.vocab, d)}
    for i in range(config.n_layers):
        shapes[f"layers.{i}.attn_norm.gain"] = (d,)
        for name in "qkvo":
            shapes[f"layers.{i}.attn.{name}.weight"] = (d, d)
        shapes[f"layers.{i}.ffn_norm.gain"] = (d,)
        shapes[f"layers.{i}.moe.router.weight"] = (e, d)
        shapes[f"layers.{i}.moe.up.weight"] = (e, f, d)
        shapes[f"layers.{i}.moe.down.weight"] = (e, d, f)
    shapes["final_norm.gain"] = (d,)
    return shapes


def initial_parameters(config, seed, matrix_std=0.02, weight_gain=False, shared_expert=False,
                       temperature=False):
    """Initial values, float32: unit rows for embed and router, gains 1, matrices N(0, std^2).

    With `weight_gain` each matrix has a multiplier near 1, so that its effect shows.
    """
    generator = torch.Generator().manual_seed(seed)
    parameters = {}
    for name, shape in parameter_shapes(config).items():
        if name.endswith(".gain"):
            parameters[name] = torch.ones(shape)
            continue
        value = torch.randn(shape, generator=generator)
        if name == "embed.weight" or name.endswith("router.weight"):
            parameters[name] = value / value.norm(dim=1, keepdim=True)
            continue
        parameters[name] = value * matrix_std
        if weight_gain:
            count = shape[0] if len(shape) == 3 else 1
            gain = 1 + 0.1 * torch.randn(count, generator=generator)
            parameters[name.removesuffix("weight") + "gain"] = gain
    d, f = config.d_model, config.d_ff
    for i in range(config.n_layers):
        if shared_expert:
            for name, shape in (("up", (f, d)), ("down", (d, f))):
                value = matrix_std * torch.randn(shape, generator=generator)
                parameters[f"layers.{i}.moe.shared.{name}.weight"] = value
        if temperature:
            parameters[f"layers.{i}.moe.router.temperature"] = torch.tensor([1.5])
    return parameters


def load(path, settings=None, dtype=torch.float32):
    """The model of a checkpoint folder (its model.safetensors) or of one safetensors file.

    `settings` overrides the file's metadata and the config.yaml beside it.
    """
    if os.path.isdir(path):
        path = os.path.join(path, "model.safetensors")
    arrays, metadata = safetensors_io.read(path)
    for name in ("embed.weight", "layers.0.moe.up.weight"):
        if name not in arrays:
            raise model_config.ConfigError(f"{path}: no tensor {name}: not a model of this kind")
    known = model_config.read_settings(os.path.dirname(path), metadata)
    known.update({key: value for key, value in (settings or {}).items() if value is not None})
    shapes = {name: array.shape for name, array in arrays.items()}
    config = model_config.from_tensors(shapes, known)
    tensors = {name: torch.tensor(array).to(dtype) for name, array in arrays.items()}
    model = MoeModel(config, tensors)
    model.settings = known
    return model


def windows(data, context, count):
    """Inputs and targets [count, T]: window i covers the bytes i*T .. i*T+T, both included."""
    if count < 1 or len(data) < count * context + 1:
        have = max(0, (len(data) - 1) // context)
        raise model_config.ConfigError(
            f"data: {count} windows of {context} wanted, {len(data)} bytes hold {have}"
        )
    ids = torch.tensor(list(data[: count * context + 1]), dtype=torch.int64)
    return ids[:-1].reshape(count, context), ids[1:].reshape(count, context)
