package io.manifoldmuon.model.nn;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.model.config.ModelConfig;
import io.manifoldmuon.optim.Depth;
import io.manifoldmuon.optim.Heads;
import io.manifoldmuon.optim.Heads.Side;
import io.manifoldmuon.optim.Parameter;
import io.manifoldmuon.optim.Role;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Where the weights of the mixture-of-experts model live.
 *
 * <pre>
 *   embedding           [V, D]         embed.weight
 *   gains               [2L+1, D]      layers.{i}.attn_norm.gain, layers.{i}.ffn_norm.gain, final_norm.gain
 *   attention           [4L, D, D]     layers.{i}.attn.{q,k,v,o}.weight
 *   routers             [L, E, D]      layers.{i}.moe.router.weight [E, D]
 *   experts.up          [L·E, F, D]    layers.{i}.moe.up.weight [E, F, D]
 *   experts.down        [L·E, D, F]    layers.{i}.moe.down.weight [E, D, F]
 *   shared.up           [L, F, D]      layers.{i}.moe.shared.up.weight [F, D]
 *   shared.down         [L, D, F]      layers.{i}.moe.shared.down.weight [D, F]
 *   router.temperature  [L]            layers.{i}.moe.router.temperature [1]
 *   router.bias         [L, E]         layers.{i}.moe.router.bias [E]; state, not trained by gradients
 * </pre>
 *
 * <p>With weight gains, each of the five stacks {@code x} of attention and expert matrices has a
 * variable {@code x.gain} of one scalar a matrix, named {@code ….gain} beside the matrix's {@code
 * ….weight}: [1], or [E] for the experts of a layer.
 */
final class MoeLayout {
  static final String EMBEDDING = "embedding";
  static final String GAINS = "gains";
  static final String ATTENTION = "attention";
  static final String ROUTERS = "routers";
  static final String EXPERTS_UP = "experts.up";
  static final String EXPERTS_DOWN = "experts.down";
  static final String SHARED_UP = "shared.up";
  static final String SHARED_DOWN = "shared.down";
  static final String TEMPERATURE = "router.temperature";
  static final String BIAS = "router.bias";

  private static final List<String> PROJECTIONS = List.of("q", "k", "v", "o");

  private final ModelConfig c;
  private final Layout.Builder b = new Layout.Builder();

  private MoeLayout(ModelConfig c) {
    this.c = c;
  }

  /** The layout of a model with {@code vocabulary} tokens. */
  static Layout of(ModelConfig config, int vocabulary) {
    MoeLayout layout = new MoeLayout(config);
    layout.variables(vocabulary);
    layout.tensors(vocabulary);
    return layout.b.build();
  }

  private void variables(int vocabulary) {
    int d = c.dModel();
    int layers = c.nLayers();
    int e = c.nExperts();
    int f = c.dFf();
    parameter(EMBEDDING, Role.EMBEDDING, Depth.NONE, vocabulary, d);
    parameter(GAINS, Role.GAIN, normDepth(layers), 2 * layers + 1, d);
    matrices(ATTENTION, Role.ATTENTION, heads(), 4 * layers, d, d);
    parameter(ROUTERS, Role.ROUTER, Depth.stacked(layers, 1), layers, e, d);
    matrices(EXPERTS_UP, Role.EXPERT_UP, layers * e, f, d);
    matrices(EXPERTS_DOWN, Role.EXPERT_DOWN, layers * e, d, f);
    if (c.sharedExpert()) {
      matrices(SHARED_UP, Role.EXPERT_UP, layers, f, d);
      matrices(SHARED_DOWN, Role.EXPERT_DOWN, layers, d, f);
    }
    if (c.routerTemperature()) {
      parameter(TEMPERATURE, Role.GAIN, Depth.stacked(layers, 1), layers);
    }
    if (c.routerBias()) {
      b.state(BIAS, Type.real(layers, e));
    }
  }

  private void tensors(int vocabulary) {
    int d = c.dModel();
    b.tensor("embed.weight", EMBEDDING, vocabulary, d);
    for (int i = 0; i < c.nLayers(); i++) {
      layerTensors("layers." + i);
    }
    b.tensor("final_norm.gain", GAINS, d);
  }

  private void layerTensors(String layer) {
    int d = c.dModel();
    int e = c.nExperts();
    int f = c.dFf();
    b.tensor(layer + ".attn_norm.gain", GAINS, d);
    for (String projection : PROJECTIONS) {
      matrixTensor(layer + ".attn." + projection, ATTENTION, 1, d, d);
    }
    b.tensor(layer + ".ffn_norm.gain", GAINS, d);
    b.tensor(layer + ".moe.router.weight", ROUTERS, e, d);
    if (c.routerTemperature()) {
      b.tensor(layer + ".moe.router.temperature", TEMPERATURE, 1);
    }
    if (c.routerBias()) {
      b.tensor(layer + ".moe.router.bias", BIAS, e);
    }
    matrixTensor(layer + ".moe.up", EXPERTS_UP, e, e, f, d);
    matrixTensor(layer + ".moe.down", EXPERTS_DOWN, e, e, d, f);
    if (c.sharedExpert()) {
      matrixTensor(layer + ".moe.shared.up", SHARED_UP, 1, f, d);
      matrixTensor(layer + ".moe.shared.down", SHARED_DOWN, 1, d, f);
    }
  }

  /** Of query, key, value and output projections. */
  private Heads heads() {
    return Heads.repeated(
        c.nHeads(), c.nLayers(), Side.OUTPUTS, Side.OUTPUTS, Side.OUTPUTS, Side.INPUTS);
  }

  /** Two gains for each layer, and the final one, which counts to the last. */
  private static Depth normDepth(int layers) {
    return new Depth(
        IntStream.rangeClosed(0, 2 * layers).map(i -> Math.min(i / 2, layers - 1)).boxed().toList(),
        layers);
  }

  private void parameter(String variable, Role role, Depth depth, int... dims) {
    b.parameter(new Parameter(variable, Shape.of(dims), role, depth));
  }

  private void matrices(String variable, Role role, int... dims) {
    matrices(variable, role, Heads.NONE, dims);
  }

  private void matrices(String variable, Role role, Heads heads, int... dims) {
    Depth depth = Depth.stacked(c.nLayers(), dims[0] / c.nLayers());
    b.parameter(new Parameter(variable, Shape.of(dims), role, depth, heads));
    if (c.weightGain()) {
      parameter(gainOf(variable), Role.GAIN, depth, dims[0]);
    }
  }

  private void matrixTensor(String name, String variable, int count, int... dims) {
    b.tensor(name + ".weight", variable, dims);
    if (b.has(gainOf(variable))) {
      b.tensor(name + ".gain", gainOf(variable), count);
    }
  }

  /** The variable of the scalar gains of a stack of matrices. */
  static String gainOf(String variable) {
    return variable + ".gain";
  }
}
