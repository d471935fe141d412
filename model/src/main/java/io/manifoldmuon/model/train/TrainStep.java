package io.manifoldmuon.model.train;

import io.manifoldmuon.linalg.NumericalException;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.Flops;
import io.manifoldmuon.linalg.graph.Graph;
import io.manifoldmuon.linalg.graph.Node;
import io.manifoldmuon.linalg.graph.Phase;
import io.manifoldmuon.linalg.graph.ProbedGraph;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.nn.LanguageModel;
import io.manifoldmuon.optim.Optimizer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Consumer;

/**
 * A compiled training step: from the engine's weights and optimizer state to the next ones, a pure
 * function of these, the seed and the number of the step.
 *
 * <p>The engine must hold the weights before the first step.
 */
public final class TrainStep implements AutoCloseable {

  /**
   * What a step tells.
   *
   * @param loss mean cross-entropy of the step's windows before the update, in nats
   * @param gradNorm the norm of the mean gradient before clipping
   * @param routerEntropy mean entropy of the routers' softmax, in nats; for models with routers
   * @param nanos the time from the first batch to the last result
   * @param forwardNanos of it in nodes of the forward phase
   * @param backwardNanos of it in nodes of the backward phase
   * @param optimizerNanos of it in nodes of the optimizer phase
   * @param skipped whether the gradient was too large, and nothing was changed
   */
  public record Result(
      double loss,
      double gradNorm,
      OptionalDouble routerEntropy,
      long nanos,
      long forwardNanos,
      long backwardNanos,
      long optimizerNanos,
      boolean skipped) {}

  /**
   * A number that is not finite, where the step makes it.
   *
   * @param node the operation
   * @param value infinity or NaN, the largest magnitude of what it gives
   */
  record Finding(Node node, double value) {}

  private final Engine engine;
  private final LanguageModel model;
  private final Optimizer optimizer;
  private final BatchSource batches;
  private final long seed;
  private final int microBatches;
  private final boolean split;
  private final int[] ids;
  private final int[] targets;
  private final Tensor idTensor;
  private final Tensor targetTensor;
  private final Program forward; // the whole step where it is not split
  private final Program update;
  private final Program norm; // null where no step is skipped, and so is drop
  private final Program drop;
  private final List<Program> programs = new ArrayList<>();
  private Program last; // the one that tells of the last step

  /** Compiles the step. */
  public TrainStep(
      Engine engine,
      RunConfig config,
      LanguageModel model,
      Optimizer optimizer,
      BatchSource batches) {
    this.engine = engine;
    this.model = model;
    this.optimizer = optimizer;
    this.batches = batches;
    this.seed = config.train().seed();
    this.microBatches = config.train().gradAccumulation();
    boolean skips = config.train().skipsSteps();
    this.split = skips || microBatches > 1;
    Shape shape = Shape.of(config.train().batchSize(), config.model().context());
    this.ids = new int[shape.size()];
    this.targets = new int[shape.size()];
    this.idTensor = Tensor.of(shape, ids);
    this.targetTensor = Tensor.of(shape, targets);
    StepGraphs graphs = new StepGraphs(config, model, optimizer);
    this.forward = compile(split ? graphs.micro() : graphs.whole());
    this.update = split ? compile(graphs.update()) : forward;
    this.last = update;
    this.norm = skips ? compile(graphs.norm()) : null;
    this.drop = skips ? compile(graphs.drop()) : null;
  }

  private Program compile(Graph graph) {
    Program program = engine.compile(graph);
    programs.add(program);
    return program;
  }

  /**
   * Takes a step.
   *
   * @param step the number of steps done before, 0 for the first
   * @throws NumericalException if loss or gradient are not finite; the weights are spoilt then
   */
  public Result run(long step) {
    return run(step, Double.POSITIVE_INFINITY);
  }

  /**
   * Takes a step, or none if its gradient is too large.
   *
   * @param step the number of steps done before, 0 for the first
   * @param normLimit the largest gradient norm; needs a configuration that skips steps
   * @throws NumericalException if loss or gradient are not finite; the weights are spoilt then
   */
  public Result run(long step, double normLimit) {
    try {
      return take(step, normLimit);
    } catch (NumericalException e) {
      var located = new NumericalException("train: at step " + (step + 1) + ", " + e.getMessage());
      located.initCause(e);
      throw located;
    }
  }

  private Result take(long step, double normLimit) {
    long start = System.nanoTime();
    double loss = 0;
    double entropy = 0;
    boolean routed = model.routedCounts().isPresent();
    Map<Phase, Long> nanos = new EnumMap<>(Phase.class);
    optimizer.writeInputs(update, step);
    for (int m = 0; m < microBatches; m++) {
      batches.fill(step, m, ids, targets);
      writeBatch(forward, step, m);
      forward.run();
      loss += forward.readScalar(StepGraphs.LOSS) / microBatches;
      if (routed) {
        entropy += forward.readScalar(StepGraphs.ENTROPY) / microBatches;
      }
      count(forward, nanos);
    }
    boolean skipped = norm != null && dropped(normLimit, nanos);
    if (split && !skipped) {
      update.run();
      count(update, nanos);
    }
    last = skipped ? norm : update;
    double size = last.readScalar(StepGraphs.GRAD_NORM);
    requireFinite("loss", loss);
    requireFinite("norm of the gradient", size);
    return new Result(
        loss,
        size,
        routed ? OptionalDouble.of(entropy) : OptionalDouble.empty(),
        System.nanoTime() - start,
        nanos.get(Phase.FORWARD),
        nanos.get(Phase.BACKWARD),
        nanos.get(Phase.OPTIMIZER),
        skipped);
  }

  private void writeBatch(Program program, long step, int microBatch) {
    program.write(StepGraphs.IDS, idTensor);
    program.write(StepGraphs.TARGETS, targetTensor);
    model.writeInputs(program, seed, step, microBatch);
  }

  /** Drops the gradient if it is too large. */
  private boolean dropped(double normLimit, Map<Phase, Long> nanos) {
    norm.run();
    count(norm, nanos);
    boolean tooLarge = norm.readScalar(StepGraphs.GRAD_NORM) > normLimit; // NaN must be seen: no
    if (tooLarge) {
      drop.run();
      count(drop, nanos);
    }
    return tooLarge;
  }

  /**
   * Takes a step and looks at every number on the way: slow, for the step that went wrong.
   *
   * @return the first operation whose result is not finite; the step is not finished then
   */
  Optional<Finding> runProbed(long step) {
    Optional<Finding> found = Optional.empty();
    for (int m = 0; m < microBatches && found.isEmpty(); m++) {
      int part = m;
      batches.fill(step, part, ids, targets);
      found =
          probed(
              forward,
              program -> {
                writeBatch(program, step, part);
                if (!split) {
                  optimizer.writeInputs(program, step);
                }
              });
      if (split && found.isEmpty()) {
        writeBatch(forward, step, part);
        forward.run();
      }
    }
    if (split && found.isEmpty()) {
      found = probed(update, program -> optimizer.writeInputs(program, step));
    }
    if (found.isEmpty()) {
      optimizer.writeInputs(update, step);
      if (!split) {
        writeBatch(forward, step, 0);
      }
      update.run();
    }
    return found;
  }

  private Optional<Finding> probed(Program program, Consumer<Program> inputs) {
    ProbedGraph probed = ProbedGraph.of(program.graph());
    try (Program looking = engine.compile(probed.graph())) {
      inputs.accept(looking);
      looking.run();
      return probed
          .firstNotFinite(looking::readScalar)
          .map(p -> new Finding(p.node(), looking.readScalar(p.output())));
    }
  }

  private static void count(Program program, Map<Phase, Long> nanos) {
    for (Phase phase : Phase.values()) {
      nanos.merge(phase, program.nanos(phase), Long::sum);
    }
  }

  private static void requireFinite(String what, double value) {
    if (!Double.isFinite(value)) {
      throw new NumericalException(
          "the "
              + what
              + " is "
              + value
              + ", wanted a finite number; use a lower learning rate or a longer warm-up");
    }
  }

  /** The assignments to each expert of each layer in the last step, [L, E]. */
  public Optional<Tensor> expertCounts() {
    return model.routedCounts().map(_ -> last.read(StepGraphs.COUNTS));
  }

  /** Floating-point operations of a step's products by phase, micro-batches included. */
  public Map<Phase, Double> flops() {
    Map<Phase, Double> flops = new EnumMap<>(Phase.class);
    for (Phase phase : List.of(Phase.FORWARD, Phase.BACKWARD)) {
      flops.put(phase, microBatches * Flops.of(forward.graph(), phase));
    }
    flops.put(Phase.OPTIMIZER, Flops.of(update.graph(), Phase.OPTIMIZER));
    return flops;
  }

  /** The compiled programs, for their plans and sizes. */
  public List<Program> programs() {
    return List.copyOf(programs);
  }

  @Override
  public void close() {
    programs.forEach(Program::close);
  }
}
