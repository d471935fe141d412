#!/usr/bin/python3
"""Writes a random checkpoint folder (model.safetensors, config.yaml) for comparisons."""

import argparse
import os
import sys

import model_config
import moe_torch
import safetensors_io


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preset", choices=model_config.PRESETS, default="tiny")
    parser.add_argument("--out", required=True, help="folder to write")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--matrix-std", type=float, default=0.05, help="of hidden matrices (0.05)")
    parser.add_argument("--weight-gain", action="store_true", help="a gain beside each matrix")
    parser.add_argument("--shared-expert", action="store_true")
    parser.add_argument("--temperature", action="store_true", help="a router temperature of 1.5")
    arguments = parser.parse_args()
    config = model_config.PRESETS[arguments.preset]
    parameters = moe_torch.initial_parameters(
        config, arguments.seed, arguments.matrix_std, arguments.weight_gain,
        arguments.shared_expert, arguments.temperature,
    )
    os.makedirs(arguments.out, exist_ok=True)
    sizes = ("d_model", "n_layers", "n_heads", "n_experts", "top_k", "d_ff", "context")
    values = {name: getattr(config, name) for name in sizes}
    safetensors_io.write(
        os.path.join(arguments.out, "model.safetensors"),
        {name: value.numpy() for name, value in parameters.items()},
        values,
    )
    with open(os.path.join(arguments.out, "config.yaml"), "w", encoding="utf-8") as file:
        file.write("model:\n  type: moe\n")
        file.write("".join(f"  {key}: {value}\n" for key, value in values.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
