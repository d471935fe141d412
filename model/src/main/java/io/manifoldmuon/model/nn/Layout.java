package io.manifoldmuon.model.nn;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.ShapeException;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.linalg.graph.Value;
import io.manifoldmuon.model.config.ModelConfig;
import io.manifoldmuon.optim.Depth;
import io.manifoldmuon.optim.Heads;
import io.manifoldmuon.optim.Heads.Side;
import io.manifoldmuon.optim.Parameter;
import io.manifoldmuon.optim.Role;
import io.manifoldmuon.optim.StateVariable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Where the weights live: all matrices of one shape and role are one stacked variable of the
 * engine, so that an update is a few batched operations for the whole model; checkpoints know each
 * matrix by its own name.
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
public final class Layout {
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

  private final Map<String, Parameter> parameters = new LinkedHashMap<>();
  private final List<StateVariable> state = new ArrayList<>();
  private final Map<String, Type> types = new LinkedHashMap<>();
  private final List<CheckpointTensor> tensors = new ArrayList<>();
  private final Map<String, Integer> filled = new LinkedHashMap<>();

  /** The layout of a model with {@code vocabulary} tokens. */
  public Layout(ModelConfig c, int vocabulary) {
    int d = c.dModel();
    int layers = c.nLayers();
    int e = c.nExperts();
    int f = c.dFf();
    parameter(EMBEDDING, Role.EMBEDDING, Depth.NONE, vocabulary, d);
    parameter(GAINS, Role.GAIN, normDepth(layers), 2 * layers + 1, d);
    matrices(c, ATTENTION, Role.ATTENTION, heads(c), 4 * layers, d, d);
    parameter(ROUTERS, Role.ROUTER, Depth.stacked(layers, 1), layers, e, d);
    matrices(c, EXPERTS_UP, Role.EXPERT_UP, layers * e, f, d);
    matrices(c, EXPERTS_DOWN, Role.EXPERT_DOWN, layers * e, d, f);
    if (c.sharedExpert()) {
      matrices(c, SHARED_UP, Role.EXPERT_UP, layers, f, d);
      matrices(c, SHARED_DOWN, Role.EXPERT_DOWN, layers, d, f);
    }
    if (c.routerTemperature()) {
      parameter(TEMPERATURE, Role.GAIN, Depth.stacked(layers, 1), layers);
    }
    if (c.routerBias()) {
      state.add(new StateVariable(BIAS, Type.real(layers, e)));
      types.put(BIAS, Type.real(layers, e));
    }
    tensor("embed.weight", EMBEDDING, vocabulary, d);
    for (int i = 0; i < layers; i++) {
      layerTensors(c, "layers." + i);
    }
    tensor("final_norm.gain", GAINS, d);
  }

  private void layerTensors(ModelConfig c, String layer) {
    int d = c.dModel();
    int e = c.nExperts();
    int f = c.dFf();
    tensor(layer + ".attn_norm.gain", GAINS, d);
    for (String projection : PROJECTIONS) {
      matrixTensor(layer + ".attn." + projection, ATTENTION, 1, d, d);
    }
    tensor(layer + ".ffn_norm.gain", GAINS, d);
    tensor(layer + ".moe.router.weight", ROUTERS, e, d);
    if (c.routerTemperature()) {
      tensor(layer + ".moe.router.temperature", TEMPERATURE, 1);
    }
    if (c.routerBias()) {
      tensor(layer + ".moe.router.bias", BIAS, e);
    }
    matrixTensor(layer + ".moe.up", EXPERTS_UP, e, e, f, d);
    matrixTensor(layer + ".moe.down", EXPERTS_DOWN, e, e, d, f);
    if (c.sharedExpert()) {
      matrixTensor(layer + ".moe.shared.up", SHARED_UP, 1, f, d);
      matrixTensor(layer + ".moe.shared.down", SHARED_DOWN, 1, d, f);
    }
  }

  /** Of query, key, value and output projections. */
  private static Heads heads(ModelConfig c) {
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
    add(new Parameter(variable, Shape.of(dims), role, depth));
  }

  private void add(Parameter p) {
    parameters.put(p.variable(), p);
    types.put(p.variable(), p.type());
  }

  private void matrices(ModelConfig c, String variable, Role role, int... dims) {
    matrices(c, variable, role, Heads.NONE, dims);
  }

  private void matrices(ModelConfig c, String variable, Role role, Heads heads, int... dims) {
    Depth depth = Depth.stacked(c.nLayers(), dims[0] / c.nLayers());
    add(new Parameter(variable, Shape.of(dims), role, depth, heads));
    if (c.weightGain()) {
      parameter(gainOf(variable), Role.GAIN, depth, dims[0]);
    }
  }

  /** Names the next elements of a variable that have no name yet. */
  private void tensor(String name, String variable, int... dims) {
    Shape shape = Shape.of(dims);
    int offset = filled.getOrDefault(variable, 0);
    filled.put(variable, offset + shape.size());
    tensors.add(
        new CheckpointTensor(name, variable, offset, shape, parameters.containsKey(variable)));
  }

  private void matrixTensor(String name, String variable, int count, int... dims) {
    tensor(name + ".weight", variable, dims);
    if (parameters.containsKey(gainOf(variable))) {
      tensor(name + ".gain", gainOf(variable), count);
    }
  }

  /** The variable of the scalar gains of a stack of matrices. */
  static String gainOf(String variable) {
    return variable + ".gain";
  }

  /** What is trained, in a fixed order. */
  public List<Parameter> parameters() {
    return List.copyOf(parameters.values());
  }

  /** What the model itself carries from step to step beside its parameters: the router bias. */
  public List<StateVariable> stateVariables() {
    return List.copyOf(state);
  }

  /** Every tensor of a checkpoint, in a fixed order; together they fill the variables exactly. */
  public List<CheckpointTensor> checkpointTensors() {
    return List.copyOf(tensors);
  }

  /** Whether the model has a variable of this name. */
  boolean has(String variable) {
    return types.containsKey(variable);
  }

  /** The current value of one of the variables in a recording. */
  Value value(GraphBuilder g, String variable) {
    return g.variable(variable, types.get(variable));
  }

  /**
   * The tensors, named as in checkpoints, out of the contents (or gradients) of variables; those of
   * variables that are not given are left out.
   */
  public Map<String, Tensor> split(Map<String, Tensor> variables) {
    Map<String, Tensor> named = new LinkedHashMap<>();
    tensors.stream()
        .filter(t -> variables.containsKey(t.variable()))
        .forEach(t -> named.put(t.name(), t.cut(variables.get(t.variable()))));
    return named;
  }

  /**
   * The contents of the variables, float32, out of the tensors of a checkpoint.
   *
   * @throws ShapeException if a tensor is missing, is of another shape, or has no place
   */
  public Map<String, Tensor> join(Map<String, Tensor> named) {
    Map<String, float[]> data = new LinkedHashMap<>();
    types.forEach((name, type) -> data.put(name, new float[type.shape().size()]));
    for (CheckpointTensor t : tensors) {
      Tensor given = named.get(t.name());
      if (given == null || !given.shape().equals(t.shape())) {
        throw new ShapeException(
            "checkpoint: '"
                + t.name()
                + "' is "
                + (given == null ? "missing" : "of shape " + given.shape())
                + ", the model wants "
                + t.shape()
                + "; use the configuration that the checkpoint was written with");
      }
      System.arraycopy(given.floats(), 0, data.get(t.variable()), t.offset(), t.shape().size());
    }
    rejectUnknown(named);
    Map<String, Tensor> variables = new LinkedHashMap<>();
    data.forEach((name, x) -> variables.put(name, Tensor.of(types.get(name).shape(), x)));
    return variables;
  }

  private void rejectUnknown(Map<String, Tensor> named) {
    List<String> known = tensors.stream().map(CheckpointTensor::name).toList();
    for (String name : named.keySet()) {
      if (!known.contains(name)) {
        throw new ShapeException(
            "checkpoint: '"
                + name
                + "' has no place in this model; use the configuration that the checkpoint was"
                + " written with");
      }
    }
  }
}
