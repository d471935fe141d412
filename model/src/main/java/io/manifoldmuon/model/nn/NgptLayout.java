package io.manifoldmuon.model.nn;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.model.config.ModelConfig;
import io.manifoldmuon.model.config.ModelType;
import io.manifoldmuon.optim.Depth;
import io.manifoldmuon.optim.Heads;
import io.manifoldmuon.optim.Heads.Side;
import io.manifoldmuon.optim.Parameter;
import io.manifoldmuon.optim.Role;
import io.manifoldmuon.optim.SphereMode;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where the weights of the normalised models live. Matrices have unit vectors along the model's
 * width D: rows where they read the stream, columns where they write to it.
 *
 * <pre>
 *   embedding      [V, D]      rows     embed.weight
 *   head           [V, D]      rows     head.weight
 *   attention.in   [3L, D, D]  rows     layers.{i}.attn.{q,k,v}.weight
 *   attention.out  [L, D, D]   columns  layers.{i}.attn.o.weight
 *   mlp.out        [L, D, F]   columns  layers.{i}.mlp.down.weight
 *
 *   nGPT
 *   mlp.in         [2L, F, D]  rows     layers.{i}.mlp.{u,v}.weight [F, D]
 *   alpha          [2L, D]              layers.{i}.{attn,mlp}.alpha
 *   s_qk           [L, D]               layers.{i}.attn.s_qk, head by head
 *   s_uv           [2L, F]              layers.{i}.mlp.{s_u,s_v}
 *   s_z            [V]                  s_z
 *
 *   gated nGPT
 *   positions      [T, D]      rows     position.weight
 *   mlp.in         [L, F, D]   rows     layers.{i}.mlp.up.weight
 *   gate           [2L, D]              layers.{i}.{attn,mlp}.gate
 *   alpha          [2L]                 layers.{i}.{attn,mlp}.alpha [1]
 * </pre>
 */
final class NgptLayout {
  static final String EMBEDDING = "embedding";
  static final String HEAD = "head";
  static final String POSITION = "positions";
  static final String ATTENTION_IN = "attention.in";
  static final String ATTENTION_OUT = "attention.out";
  static final String MLP_IN = "mlp.in";
  static final String MLP_OUT = "mlp.out";
  static final String ALPHA = "alpha";
  static final String GATE = "gate";
  static final String S_QK = "s_qk";
  static final String S_UV = "s_uv";
  static final String S_Z = "s_z";

  /** α of the gated model at the start; nGPT's are in {@link NgptScale}. */
  private static final double GATED_ALPHA = 0.15;

  private final ModelConfig c;
  private final boolean gated;
  private final Layout.Builder b = new Layout.Builder();

  private NgptLayout(ModelConfig c) {
    this.c = c;
    this.gated = c.type() == ModelType.GATED_NGPT;
  }

  /** The layout of a model with {@code vocabulary} tokens. */
  static Layout of(ModelConfig config, int vocabulary) {
    NgptLayout layout = new NgptLayout(config);
    layout.matrices(vocabulary);
    layout.scales(vocabulary);
    layout.tensors(vocabulary);
    return layout.b.build();
  }

  private void matrices(int vocabulary) {
    int d = c.dModel();
    int layers = c.nLayers();
    Heads in = Heads.repeated(c.nHeads(), layers, Side.OUTPUTS, Side.OUTPUTS, Side.OUTPUTS);
    Heads out = Heads.repeated(c.nHeads(), layers, Side.INPUTS);
    unit(EMBEDDING, Role.EMBEDDING, Heads.NONE, SphereMode.PER_ROW, vocabulary, d);
    unit(HEAD, Role.EMBEDDING, Heads.NONE, SphereMode.PER_ROW, vocabulary, d);
    if (gated) {
      unit(POSITION, Role.EMBEDDING, Heads.NONE, SphereMode.PER_ROW, c.context(), d);
    }
    unit(ATTENTION_IN, Role.ATTENTION, in, SphereMode.PER_ROW, 3 * layers, d, d);
    unit(ATTENTION_OUT, Role.ATTENTION, out, SphereMode.PER_COLUMN, layers, d, d);
    int inputs = gated ? 1 : 2;
    unit(MLP_IN, Role.EXPERT_UP, Heads.NONE, SphereMode.PER_ROW, inputs * layers, c.dFf(), d);
    unit(MLP_OUT, Role.EXPERT_DOWN, Heads.NONE, SphereMode.PER_COLUMN, layers, d, c.dFf());
  }

  private void unit(String variable, Role role, Heads heads, SphereMode mode, int... dims) {
    int slices = dims.length == 3 ? dims[0] / c.nLayers() : 0;
    Depth depth = slices == 0 ? Depth.NONE : Depth.stacked(c.nLayers(), slices);
    Parameter p = new Parameter(variable, Shape.of(dims), role, depth, heads, Optional.of(mode));
    b.parameter(p, new Start.Sphere(mode));
  }

  private void scales(int vocabulary) {
    int layers = c.nLayers();
    int d = c.dModel();
    if (gated) {
      gain(GATE, 2, 0, 2 * layers, d);
      gain(ALPHA, 2, GATED_ALPHA, 2 * layers);
    } else {
      gain(ALPHA, 2, NgptScale.ALPHA.stored(d), 2 * layers, d);
      gain(S_QK, 1, NgptScale.S_QK.stored(d), layers, d);
      gain(S_UV, 2, NgptScale.S_UV.stored(d), 2 * layers, c.dFf());
      gain(S_Z, 0, NgptScale.S_Z.stored(d), vocabulary);
    }
  }

  private void gain(String variable, int perLayer, double value, int... dims) {
    Depth depth = perLayer == 0 ? Depth.NONE : Depth.stacked(c.nLayers(), perLayer);
    b.parameter(
        new Parameter(variable, Shape.of(dims), Role.GAIN, depth), new Start.Constant(value));
  }

  private void tensors(int vocabulary) {
    int d = c.dModel();
    b.tensor("embed.weight", EMBEDDING, vocabulary, d);
    if (gated) {
      b.tensor("position.weight", POSITION, c.context(), d);
    }
    for (int i = 0; i < c.nLayers(); i++) {
      attentionTensors("layers." + i + ".attn");
      mlpTensors("layers." + i + ".mlp");
    }
    b.tensor("head.weight", HEAD, vocabulary, d);
    if (!gated) {
      b.tensor("s_z", S_Z, vocabulary);
    }
  }

  private void attentionTensors(String name) {
    int d = c.dModel();
    for (String projection : List.of("q", "k", "v")) {
      b.tensor(name + "." + projection + ".weight", ATTENTION_IN, d, d);
    }
    b.tensor(name + ".o.weight", ATTENTION_OUT, d, d);
    if (!gated) {
      b.tensor(name + ".s_qk", S_QK, d);
    }
    branchTensors(name);
  }

  private void mlpTensors(String name) {
    int d = c.dModel();
    int f = c.dFf();
    (gated ? Stream.of("up") : Stream.of("u", "v"))
        .forEach(matrix -> b.tensor(name + "." + matrix + ".weight", MLP_IN, f, d));
    b.tensor(name + ".down.weight", MLP_OUT, d, f);
    if (!gated) {
      b.tensor(name + ".s_u", S_UV, f);
      b.tensor(name + ".s_v", S_UV, f);
    }
    branchTensors(name);
  }

  /** How much of a branch joins the stream. */
  private void branchTensors(String name) {
    if (gated) {
      b.tensor(name + ".gate", GATE, c.dModel());
      b.tensor(name + ".alpha", ALPHA, 1);
    } else {
      b.tensor(name + ".alpha", ALPHA, c.dModel());
    }
  }
}
