"""A dense GPT, as one would write it for speed in eager PyTorch 1.13.

h0 = E[ids] + P; per layer h <- h + O attention(LN(h)), h <- h + D gelu(U LN(h)); logits = LN(h) Eᵀ.
LayerNorms have gains and nothing has a bias. Weights start as N(0, s²), O and D as N(0, s²/2L).
"""

import math

import torch
from torch import nn
from torch.nn import functional

LAYER_NORM_EPS = 1e-5
MLP_FACTOR = 4


class LayerNorm(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(width))

    def forward(self, x):
        return functional.layer_norm(x, self.gain.shape, self.gain, None, LAYER_NORM_EPS)


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.out = nn.Linear(width, width, bias=False)

    def forward(self, x, mask):
        batch, length, width = x.shape
        qkv = self.qkv(x).view(batch, length, 3, self.heads, width // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind(0)  # [B, H, T, D/H]
        scores = q @ k.transpose(-2, -1) / math.sqrt(width // self.heads) + mask[:length, :length]
        y = torch.softmax(scores, dim=-1) @ v
        return self.out(y.transpose(1, 2).reshape(batch, length, width))


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.attn_norm = LayerNorm(width)
        self.attn = Attention(width, heads)
        self.mlp_norm = LayerNorm(width)
        self.up = nn.Linear(width, MLP_FACTOR * width, bias=False)
        self.down = nn.Linear(MLP_FACTOR * width, width, bias=False)

    def forward(self, x, mask):
        x = x + self.attn(self.attn_norm(x), mask)
        return x + self.down(functional.gelu(self.up(self.mlp_norm(x))))


class Gpt(nn.Module):
    def __init__(self, vocabulary, context, layers, heads, width, spread):
        super().__init__()
        self.embed = nn.Parameter(torch.empty(vocabulary, width))
        self.positions = nn.Parameter(torch.empty(context, width))
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(layers))
        self.final_norm = LayerNorm(width)
        mask = torch.full((context, context), -math.inf).triu(diagonal=1)
        self.register_buffer("mask", mask)
        for name, parameter in self.named_parameters():
            if parameter.dim() > 1:
                ends = name.endswith(("out.weight", "down.weight"))
                nn.init.normal_(parameter, std=spread / math.sqrt(2 * layers) if ends else spread)

    def forward(self, ids, targets):
        """The mean cross-entropy in nats."""
        x = functional.embedding(ids, self.embed) + self.positions[: ids.shape[1]]
        for block in self.blocks:
            x = block(x, self.mask)
        logits = functional.linear(self.final_norm(x), self.embed)
        return functional.cross_entropy(logits.flatten(0, 1), targets.flatten())


def adamw(model, learning_rate, betas, weight_decay):
    """AdamW, one launch per operation for all parameters; gains do not decay."""
    parameters = list(model.parameters())
    groups = [
        {"params": [p for p in parameters if p.dim() > 1], "weight_decay": weight_decay},
        {"params": [p for p in parameters if p.dim() == 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=learning_rate, betas=betas, foreach=True)
