package io.manifoldmuon.model.train;

import io.manifoldmuon.linalg.NumericalException;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.Phase;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.nn.MoeLanguageModel;
import io.manifoldmuon.optim.Optimizer;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

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
   * @param routerEntropy mean entropy of the routers' softmax, in nats
   * @param nanos the time from the first batch to the last result
   * @param forwardNanos of it in nodes of the forward phase
   * @param backwardNanos of it in nodes of the backward phase
   * @param optimizerNanos of it in nodes of the optimizer phase
   */
  public record Result(
      double loss,
      double gradNorm,
      double routerEntropy,
      long nanos,
      long forwardNanos,
      long backwardNanos,
      long optimizerNanos) {}

  private final MoeLanguageModel model;
  private final Optimizer optimizer;
  private final BatchSource batches;
  private final long seed;
  private final int microBatches;
  private final int[] ids;
  private final int[] targets;
  private final Tensor idTensor;
  private final Tensor targetTensor;
  private final Program forward; // the whole step where there is one micro-batch
  private final Program update;

  /** Compiles the step. */
  public TrainStep(
      Engine engine,
      RunConfig config,
      MoeLanguageModel model,
      Optimizer optimizer,
      BatchSource batches) {
    this.model = model;
    this.optimizer = optimizer;
    this.batches = batches;
    this.seed = config.train().seed();
    this.microBatches = config.train().gradAccumulation();
    Shape shape = Shape.of(config.train().batchSize(), config.model().context());
    this.ids = new int[shape.size()];
    this.targets = new int[shape.size()];
    this.idTensor = Tensor.of(shape, ids);
    this.targetTensor = Tensor.of(shape, targets);
    StepGraphs graphs = new StepGraphs(config, model, optimizer);
    if (microBatches == 1) {
      this.forward = engine.compile(graphs.whole());
      this.update = forward;
    } else {
      this.forward = engine.compile(graphs.micro());
      this.update = engine.compile(graphs.update());
    }
  }

  /**
   * Takes a step.
   *
   * @param step the number of steps done before, 0 for the first
   * @throws NumericalException if loss or gradient are not finite; the weights are spoilt then
   */
  public Result run(long step) {
    try {
      return take(step);
    } catch (NumericalException e) {
      var located = new NumericalException("train: at step " + (step + 1) + ", " + e.getMessage());
      located.initCause(e);
      throw located;
    }
  }

  private Result take(long step) {
    long start = System.nanoTime();
    double loss = 0;
    double entropy = 0;
    Map<Phase, Long> nanos = new EnumMap<>(Phase.class);
    optimizer.writeInputs(update, step);
    for (int m = 0; m < microBatches; m++) {
      batches.fill(step, m, ids, targets);
      forward.write(StepGraphs.IDS, idTensor);
      forward.write(StepGraphs.TARGETS, targetTensor);
      model.writeInputs(forward, seed, step, m);
      forward.run();
      loss += forward.readScalar(StepGraphs.LOSS) / microBatches;
      entropy += forward.readScalar(StepGraphs.ENTROPY) / microBatches;
      count(forward, nanos);
    }
    if (microBatches > 1) {
      update.run();
      count(update, nanos);
    }
    double norm = update.readScalar(StepGraphs.GRAD_NORM);
    requireFinite("loss", loss);
    requireFinite("norm of the gradient", norm);
    return new Result(
        loss,
        norm,
        entropy,
        System.nanoTime() - start,
        nanos.get(Phase.FORWARD),
        nanos.get(Phase.BACKWARD),
        nanos.get(Phase.OPTIMIZER));
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
  public Tensor expertCounts() {
    return update.read(StepGraphs.COUNTS);
  }

  /** The compiled programs, for their plans and sizes. */
  public List<Program> programs() {
    return microBatches == 1 ? List.of(forward) : List.of(forward, update);
  }

  @Override
  public void close() {
    programs().forEach(Program::close);
  }
}
