package io.manifoldmuon.optim;

import io.manifoldmuon.linalg.NumericalException;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.ShapeException;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineOptions;
import io.manifoldmuon.linalg.engine.Engines;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * An optimizer at work for a program that has its own weights and gradients in arrays: it opens an
 * engine, holds weights and optimizer state there, and steps.
 *
 * <pre>{@code
 * Optimizer muon = new StiefelMuon("stiefel", List.of(Parameter.matrix("w", 128, 64)),
 *     StiefelSettings.of(0.02), LrSchedule.constant(0));
 * try (OptimizerSession session = OptimizerSession.open("auto", muon)) {
 *   session.write("w", weights);                               // float[128 * 64], row by row
 *   session.project("w", new Manifold.Stiefel(1));             // to the nearest orthogonal matrix
 *   session.step("w", gradient(session.read("w").floats()));   // as often as you like
 *   weights = session.read("w").floats();
 * }
 * }</pre>
 *
 * <p>Weights and state variables are read and written by name. What is refused — an unknown name, a
 * wrong length, a value that is not finite in the engine's precision — changes nothing. A session
 * is used from one thread at a time.
 */
public final class OptimizerSession implements AutoCloseable {
  private static final String GRADIENT = "gradient.";

  private final Engine engine;
  private final Optimizer optimizer;
  private final Program program;
  private final Retraction retraction;
  private final Map<String, Shape> parameters = new LinkedHashMap<>();
  private final Map<String, Shape> state = new LinkedHashMap<>();
  private final Set<String> unwritten = new TreeSet<>();
  private long steps;

  private OptimizerSession(Engine engine, Optimizer optimizer) {
    this.engine = engine;
    this.optimizer = optimizer;
    optimizer.parameters().forEach(p -> parameters.put(p.variable(), p.shape()));
    optimizer.state().forEach(s -> state.put(s.name(), s.type().shape()));
    unwritten.addAll(parameters.keySet());
    GraphBuilder g = new GraphBuilder();
    Map<Parameter, Value> gradients = new LinkedHashMap<>();
    optimizer
        .parameters()
        .forEach(p -> gradients.put(p, g.input(GRADIENT + p.variable(), p.type())));
    optimizer.record(g, gradients, g.constant(1));
    this.program = engine.compile(g.build());
    this.retraction = new Retraction(engine, optimizer);
  }

  /**
   * Opens an engine with all its processors, without a word on which one {@code auto} chose.
   *
   * @param engine its name, {@code auto} for the best that can run here, {@code reference} for
   *     float64
   * @throws io.manifoldmuon.linalg.EngineUnavailableException if it cannot run here
   */
  public static OptimizerSession open(String engine, Optimizer optimizer) {
    return open(engine, EngineOptions.defaults(), _ -> {}, optimizer);
  }

  /**
   * Opens an engine.
   *
   * @param notices told what {@code auto} chose, and why
   * @throws io.manifoldmuon.linalg.EngineUnavailableException if it cannot run here
   */
  public static OptimizerSession open(
      String engine, EngineOptions options, Consumer<String> notices, Optimizer optimizer) {
    Engine opened = Engines.open(engine, options, notices);
    boolean complete = false;
    try {
      OptimizerSession session = new OptimizerSession(opened, optimizer);
      complete = true;
      return session;
    } finally {
      if (!complete) {
        opened.close();
      }
    }
  }

  /** The engine's name. */
  public String engine() {
    return engine.name();
  }

  /** The names of the weights. */
  public List<String> parameters() {
    return List.copyOf(parameters.keySet());
  }

  /**
   * The names of the state variables: with the weights and {@link #steps} all that a step knows.
   */
  public List<String> state() {
    return List.copyOf(state.keySet());
  }

  /** The shape of a parameter or state variable. */
  public Shape shape(String name) {
    return shapeOf("shape", name);
  }

  /** The weights or state variable of that name, in the engine's precision. */
  public Tensor read(String name) {
    shapeOf("read", name);
    return engine.read(name);
  }

  /** Sets weights or a state variable from the elements of a row-major array. */
  public void write(String name, float... values) {
    write(name, tensor("write", name, values));
  }

  /** Sets weights or a state variable from the elements of a row-major array. */
  public void write(String name, double... values) {
    write(name, tensor("write", name, values));
  }

  /**
   * Sets weights or a state variable.
   *
   * @throws ShapeException if the value has another shape
   * @throws NumericalException if an element is not finite in the engine's precision
   */
  public void write(String name, Tensor value) {
    require("write", name, value);
    engine.write(name, value);
    unwritten.remove(name);
  }

  /**
   * Takes weights to the nearest point of a manifold; all weights must have been written.
   *
   * <p><b>Error</b> see {@link Manifold}; {@link #constraints} tells what is left.
   */
  public void project(String parameter, Manifold manifold) {
    Shape shape = parameterShape("project", parameter);
    requireWritten("project");
    GraphBuilder g = new GraphBuilder();
    Value W = new Parameter(parameter, shape, Role.ATTENTION).value(g);
    g.assign(parameter, manifold.project(g, W));
    try (Program projection = engine.compile(g.build())) {
      projection.run();
    }
  }

  /** A step of an optimizer of one parameter, from the elements of a row-major array. */
  public void step(String parameter, float... gradient) {
    step(Map.of(parameter, tensor("step", parameter, gradient)));
  }

  /** A step of an optimizer of one parameter, from the elements of a row-major array. */
  public void step(String parameter, double... gradient) {
    step(Map.of(parameter, tensor("step", parameter, gradient)));
  }

  /**
   * A step.
   *
   * @param gradients the gradient of every parameter, by the parameter's name; that of a {@link
   *     Frozen} one is checked and not used, and may be left out
   * @throws IllegalArgumentException if one is missing, or is none of a parameter
   * @throws IllegalStateException if a parameter has no weights yet
   * @throws ShapeException if one has another shape than its parameter
   * @throws NumericalException if an element of one, or the square of its norm, is not finite in
   *     the engine's precision
   */
  public void step(Map<String, Tensor> gradients) {
    gradients.forEach(this::requireGradient);
    List<String> missing = new ArrayList<>(parameters.keySet());
    missing.removeIf(name -> gradients.containsKey(name) || !isRead(name));
    if (!missing.isEmpty()) {
      throw new IllegalArgumentException(
          "step: no gradient given for " + missing + ", wanted one for each parameter");
    }
    requireWritten("step");
    gradients.forEach(
        (name, value) -> {
          if (isRead(name)) {
            program.write(GRADIENT + name, value);
          }
        });
    optimizer.writeInputs(program, steps);
    program.run();
    retraction.afterStep(steps);
    steps++;
  }

  /** The steps done, which decide learning rate and bias correction of the next. */
  public long steps() {
    return steps;
  }

  /** Goes on as after so many steps, when weights and state of that time have been written. */
  public void resumeAt(long stepsDone) {
    if (stepsDone < 0) {
      throw new IllegalArgumentException(
          "resumeAt: " + stepsDone + " steps given, wanted at least 0");
    }
    steps = stepsDone;
  }

  /** The learning rate of the next step. */
  public double learningRate() {
    return optimizer.learningRate(steps);
  }

  /** How far the weights are from the manifolds that the optimizer holds them to. */
  public ConstraintCheck.Report constraints() {
    return retraction.measure();
  }

  /**
   * Measures how far the weights are from those manifolds, and takes them back while that is more
   * than the optimizer promises.
   */
  public Retraction.Outcome restore() {
    return retraction.restore();
  }

  /**
   * What the solver reports of the last step, if the settings ask for certificates.
   *
   * @throws IllegalArgumentException if they do not
   */
  public SolverReport report(StiefelMuon muon, Parameter parameter) {
    return SolverReport.read(program, muon.reportPrefix(parameter));
  }

  /**
   * The update A of the last step before its retraction, ‖A‖₂ ≤ 1 for each matrix, if the settings
   * ask for certificates.
   *
   * @throws IllegalArgumentException if they do not
   */
  public Tensor update(StiefelMuon muon, Parameter parameter) {
    return program.read(SolverReport.update(muon.reportPrefix(parameter)));
  }

  /** Frees the engine and all that it holds. */
  @Override
  public void close() {
    retraction.close();
    program.close();
    engine.close();
  }

  /** Whether the step reads a parameter's gradient: what nothing reads is no part of the graph. */
  private boolean isRead(String parameter) {
    return program.graph().inputs().containsKey(GRADIENT + parameter);
  }

  private void requireWritten(String what) {
    if (!unwritten.isEmpty()) {
      throw new IllegalStateException(
          what + ": parameters " + unwritten + " have no weights yet, write them first");
    }
  }

  private void requireGradient(String name, Tensor value) {
    parameterShape("step", name);
    require("step", name, value);
    double square = Arrays.stream(value.doubles()).map(x -> x * x).sum();
    if (!Double.isFinite(engine.rounded(square))) {
      throw new NumericalException(
          "step: the gradient of '"
              + name
              + "' has a norm of "
              + Math.sqrt(square)
              + ", whose square is not finite on engine "
              + engine.name()
              + ", wanted a smaller one; scale the loss down; nothing was changed");
    }
  }

  private Shape parameterShape(String what, String name) {
    Shape shape = parameters.get(name);
    if (shape == null) {
      throw new IllegalArgumentException(
          what + ": no parameter '" + name + "', the optimizer has " + parameters.keySet());
    }
    return shape;
  }

  private Shape shapeOf(String what, String name) {
    Shape shape = parameters.getOrDefault(name, state.get(name));
    if (shape == null) {
      throw new IllegalArgumentException(
          what
              + ": no variable '"
              + name
              + "', the optimizer has parameters "
              + parameters.keySet()
              + " and state "
              + state.keySet());
    }
    return shape;
  }

  private Tensor tensor(String what, String name, float... values) {
    return Tensor.of(requireLength(what, name, values.length), values);
  }

  private Tensor tensor(String what, String name, double... values) {
    return Tensor.of(requireLength(what, name, values.length), values);
  }

  private Shape requireLength(String what, String name, int length) {
    Shape shape = shapeOf(what, name);
    if (length != shape.size()) {
      throw new ShapeException(
          what
              + ": "
              + length
              + " values given for '"
              + name
              + "' of shape "
              + shape
              + ", wanted "
              + shape.size()
              + ", row by row");
    }
    return shape;
  }

  private void require(String what, String name, Tensor value) {
    Shape shape = shapeOf(what, name);
    if (!value.shape().equals(shape)) {
      throw new ShapeException(
          what + ": shape " + value.shape() + " given for '" + name + "', wanted " + shape);
    }
    double[] x = value.doubles();
    for (int i = 0; i < x.length; i++) {
      if (!Double.isFinite(engine.rounded(x[i]))) {
        throw new NumericalException(
            what
                + ": element "
                + i
                + " given for '"
                + name
                + "' is "
                + x[i]
                + ", wanted numbers that are finite on engine "
                + engine.name()
                + "; nothing was changed");
      }
    }
  }
}
