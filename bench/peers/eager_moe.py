"""The same model as `moe_torch`, written for speed as a good eager-PyTorch user would write it.

One [3D, D] product for q, k, v; tokens sorted by expert once per layer, one pair of products per
expert over a contiguous slice; fused losses of torch.nn.functional. No compilation, no custom
kernels. PyTorch 1.13 has no fused attention on the CPU, so attention is products and a softmax.
"""

import math

import torch
from torch import nn
from torch.nn import functional


class RmsNorm(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.epsilon = config.rms_eps
        self.gain = nn.Parameter(torch.ones(config.d_model))

    def forward(self, x):
        scale = torch.rsqrt(x.square().mean(dim=-1, keepdim=True) + self.epsilon)
        return x * scale * self.gain


class Attention(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.heads, self.d_head = config.n_heads, config.d_head
        self.qkv = nn.Parameter(torch.empty(3 * config.d_model, config.d_model))
        self.o = nn.Parameter(torch.empty(config.d_model, config.d_model))

    def forward(self, x, rotation, mask):
        batch, time, width = x.shape
        qkv = functional.linear(x, self.qkv).view(batch, time, 3, self.heads, self.d_head)
        qk = rotate(qkv[:, :, :2], rotation)  # [B, T, 2, H, D/H]
        q, k = (self.by_head(part) for part in qk.unbind(dim=2))
        v = self.by_head(qkv[:, :, 2])
        # mask + q k^T / sqrt(D/H) in one call
        scores = torch.baddbmm(mask, q, k.transpose(1, 2), alpha=1 / math.sqrt(self.d_head))
        mixed = torch.bmm(torch.softmax(scores, dim=-1), v)
        mixed = mixed.view(batch, self.heads, time, self.d_head).transpose(1, 2)
        return functional.linear(mixed.reshape(batch, time, width), self.o)

    def by_head(self, x):
        """[B, T, H, D/H] -> [B*H, T, D/H]"""
        batch, time = x.shape[:2]
        return x.transpose(1, 2).reshape(batch * self.heads, time, self.d_head)


class Moe(nn.Module):
    def __init__(self, config):
        super().__init__()
        d, f, self.experts, self.k = config.d_model, config.d_ff, config.n_experts, config.top_k
        self.router = nn.Parameter(torch.empty(self.experts, d))
        self.up = nn.Parameter(torch.empty(self.experts, f, d))
        self.down = nn.Parameter(torch.empty(self.experts, d, f))

    def forward(self, x):
        rows = x.view(-1, x.shape[-1])  # [N, D]
        logits = functional.linear(rows, self.router)  # [N, E]
        top, chosen = logits.topk(self.k, dim=-1)
        shares = torch.softmax(top, dim=-1)  # [N, k]
        assigned = chosen.flatten()  # [N*k]
        order = torch.argsort(assigned)
        counts = torch.bincount(assigned, minlength=self.experts)
        row = torch.div(order, self.k, rounding_mode="floor")
        gathered = rows.index_select(0, row)
        results = [
            functional.linear(functional.silu(functional.linear(part, up)), down)
            for part, up, down in zip(gathered.split(counts.tolist()), self.up, self.down)
        ]
        weighted = torch.cat(results) * shares.flatten()[order].unsqueeze(1)
        output = torch.zeros_like(rows).index_add(0, row, weighted)
        share = counts.to(logits.dtype) / assigned.numel()
        balance = self.experts * (share * torch.softmax(logits, dim=-1).mean(dim=0)).sum()
        return output.view_as(x), balance


class Block(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.attn_norm, self.ffn_norm = RmsNorm(config), RmsNorm(config)
        self.attn, self.moe = Attention(config), Moe(config)

    def forward(self, x, rotation, mask):
        x = x + self.attn(self.attn_norm(x), rotation, mask)
        update, balance = self.moe(self.ffn_norm(x))
        return x + update, balance


class EagerMoe(nn.Module):
    """ids, targets [B, T] -> (mean cross-entropy, balance loss summed over the layers)."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.embed = nn.Parameter(torch.empty(config.vocab, config.d_model))
        self.layers = nn.ModuleList(Block(config) for _ in range(config.n_layers))
        self.final_norm = RmsNorm(config)
        exponents = torch.arange(0, config.d_head, 2, dtype=torch.float64) / config.d_head
        rates = config.rope_base**-exponents
        angles = torch.outer(torch.arange(config.context, dtype=torch.float64), rates)
        rotation = torch.polar(torch.ones_like(angles), angles).to(torch.complex64)
        self.register_buffer("rotation", rotation.view(-1, 1, 1, config.d_head // 2))
        mask = torch.full((config.context, config.context), -math.inf).triu(diagonal=1)
        self.register_buffer("mask", mask)

    def forward(self, ids, targets):
        x = functional.embedding(ids, self.embed) * math.sqrt(self.config.d_model)
        balance = 0
        for layer in self.layers:
            x, layer_balance = layer(x, self.rotation, self.mask)
            balance = balance + layer_balance
        logits = functional.linear(self.final_norm(x), self.embed)
        loss = functional.cross_entropy(logits.flatten(0, 1), targets.flatten())
        return loss, balance


def rotate(x, rotation):
    """RoPE on interleaved pairs of [B, T, ..., D/H], each pair taken as one complex number."""
    pairs = torch.view_as_complex(x.unflatten(-1, (-1, 2)))
    return torch.view_as_real(pairs * rotation).flatten(-2)


@torch.no_grad()
def from_parameters(config, parameters):
    """The model with the values of a map by file name (`moe_torch.initial_parameters`)."""
    model = EagerMoe(config)
    model.embed.copy_(parameters["embed.weight"])
    model.final_norm.gain.copy_(parameters["final_norm.gain"])
    for i, block in enumerate(model.layers):
        name = f"layers.{i}"
        block.attn_norm.gain.copy_(parameters[f"{name}.attn_norm.gain"])
        block.ffn_norm.gain.copy_(parameters[f"{name}.ffn_norm.gain"])
        block.attn.qkv.copy_(torch.cat([parameters[f"{name}.attn.{p}.weight"] for p in "qkv"]))
        block.attn.o.copy_(parameters[f"{name}.attn.o.weight"])
        block.moe.router.copy_(parameters[f"{name}.moe.router.weight"])
        block.moe.up.copy_(parameters[f"{name}.moe.up.weight"])
        block.moe.down.copy_(parameters[f"{name}.moe.down.weight"])
    return model


def adamw(model, learning_rate, weight_decay=0.1):
    """AdamW, betas (0.9, 0.95), one launch per operation for all parameters; gains do not decay."""
    parameters = list(model.parameters())
    groups = [
        {"params": [p for p in parameters if p.dim() > 1], "weight_decay": weight_decay},
        {"params": [p for p in parameters if p.dim() == 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=learning_rate, betas=(0.9, 0.95), foreach=True)


def train_step(model, optimizer, ids, targets, clip=1.0, alpha=0.01):
    """Forward, backward, clipping by the global norm, AdamW; returns the cross-entropy."""
    optimizer.zero_grad(set_to_none=True)
    loss, balance = model(ids, targets)
    (loss + alpha * balance).backward()
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    optimizer.step()
    return loss.detach()
