package io.manifoldmuon.model.nn;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.ShapeException;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.linalg.graph.Value;
import io.manifoldmuon.optim.Parameter;
import io.manifoldmuon.optim.StateVariable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where the weights of a model live: all matrices of one shape and role are one stacked variable of
 * the engine, so that an update is a few batched operations for the whole model; checkpoints know
 * each matrix by its own name. {@link MoeLayout} and {@link NgptLayout} say which there are.
 */
public final class Layout {
  private final Map<String, Parameter> parameters;
  private final Map<String, Start> starts;
  private final List<StateVariable> state;
  private final Map<String, Type> types;
  private final List<CheckpointTensor> tensors;

  private Layout(Builder b) {
    this.parameters = b.parameters;
    this.starts = b.starts;
    this.state = b.state;
    this.types = b.types;
    this.tensors = b.tensors;
  }

  /** Collects variables, and the names of their pieces in the order in which they fill them. */
  static final class Builder {
    private final Map<String, Parameter> parameters = new LinkedHashMap<>();
    private final Map<String, Start> starts = new LinkedHashMap<>();
    private final List<StateVariable> state = new ArrayList<>();
    private final Map<String, Type> types = new LinkedHashMap<>();
    private final List<CheckpointTensor> tensors = new ArrayList<>();
    private final Map<String, Integer> filled = new LinkedHashMap<>();

    /** Adds a parameter that begins as its role asks for. */
    void parameter(Parameter p) {
      parameters.put(p.variable(), p);
      types.put(p.variable(), p.type());
    }

    /** Adds a parameter with a beginning of its own. */
    void parameter(Parameter p, Start start) {
      parameter(p);
      starts.put(p.variable(), start);
    }

    /** Adds state, which begins as 0. */
    void state(String variable, Type type) {
      state.add(new StateVariable(variable, type));
      types.put(variable, type);
    }

    /** Whether there is a variable of this name. */
    boolean has(String variable) {
      return types.containsKey(variable);
    }

    /** Names the next elements of a variable that have no name yet. */
    void tensor(String name, String variable, int... dims) {
      Shape shape = Shape.of(dims);
      int offset = filled.getOrDefault(variable, 0);
      filled.put(variable, offset + shape.size());
      tensors.add(
          new CheckpointTensor(name, variable, offset, shape, parameters.containsKey(variable)));
    }

    /**
     * The layout.
     *
     * @throws IllegalStateException if elements of a variable have no name, or too many have
     */
    Layout build() {
      types.forEach(
          (variable, type) -> {
            int named = filled.getOrDefault(variable, 0);
            if (named != type.shape().size()) {
              throw new IllegalStateException(
                  "Layout: "
                      + named
                      + " elements of '"
                      + variable
                      + "' "
                      + type.shape()
                      + " have names, wanted all of them");
            }
          });
      return new Layout(this);
    }
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

  /** How a parameter begins if not as its role asks for. */
  Optional<Start> start(String variable) {
    return Optional.ofNullable(starts.get(variable));
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
