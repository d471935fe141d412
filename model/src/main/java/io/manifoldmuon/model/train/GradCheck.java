package io.manifoldmuon.model.train;

import io.manifoldmuon.linalg.CounterRandom;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.model.config.ModelConfig;
import io.manifoldmuon.model.nn.CheckpointTensor;
import io.manifoldmuon.model.nn.LanguageModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Checks a model's loss and gradients on an engine: against the {@code reference} engine in
 * float64, whose gradients in turn are checked against central differences of its loss,
 *
 * <pre>  (L(w + εd) − L(w − εd)) / 2ε ≈ ⟨∇L, d⟩  </pre>
 *
 * <p>one direction d for each tensor: the gradient's own plus a random one, both of length 1.
 */
public final class GradCheck {
  /** Largest relative error of the loss in float32. */
  public static final double LOSS_TOLERANCE = 1e-5;

  /** Largest relative error of a tensor's gradient in the Frobenius norm, in float32. */
  public static final double GRADIENT_TOLERANCE = 1e-4;

  /**
   * Largest error of a directional derivative relative to the gradient's norm: the truncation error
   * of the central difference, ε²·L‴/6, is below it by far, a wrong term above it.
   */
  public static final double DIFFERENCE_TOLERANCE = 1e-5;

  /** Rounding of a loss near 10 in float64, divided by 2ε, with a margin. */
  private static final double DIFFERENCE_NOISE = 1e-9;

  private static final double EPSILON = 1e-4;
  private static final long TOKEN_STREAM = 1;
  private static final long DIRECTION_STREAM = 2;

  /**
   * One tensor.
   *
   * @param name in checkpoints
   * @param norm of the gradient on the reference engine
   * @param engineError ‖engine − reference‖ / ‖reference‖; where the reference is zero, 0 if the
   *     engine's is too, else infinite
   * @param difference |difference quotient − ⟨∇L, d⟩|
   */
  public record Row(String name, double norm, double engineError, double difference) {
    /** The difference relative to the gradient's norm; infinite or NaN where that is zero. */
    public double differenceError() {
      return difference / norm;
    }

    /** Whether both errors are small; NaN is not. */
    public boolean passes() {
      return engineError <= GRADIENT_TOLERANCE
          && difference <= DIFFERENCE_TOLERANCE * norm + DIFFERENCE_NOISE;
    }
  }

  /**
   * The outcome.
   *
   * @param loss on the engine
   * @param referenceLoss on the reference engine
   */
  public record Report(double loss, double referenceLoss, List<Row> rows) {
    public Report {
      rows = List.copyOf(rows);
    }

    /** |loss − referenceLoss| / referenceLoss. */
    public double lossError() {
      return Math.abs(loss - referenceLoss) / Math.abs(referenceLoss);
    }

    /** Whether everything agrees. */
    public boolean passes() {
      return lossError() <= LOSS_TOLERANCE && rows.stream().allMatch(Row::passes);
    }
  }

  private final Engine reference;
  private final LanguageModel model;
  private final long seed;
  private final Tensor ids;
  private final Tensor targets;
  private final Map<String, Tensor> weights;

  private GradCheck(Engine reference, LanguageModel model, Shape shape, long seed) {
    this.reference = reference;
    this.model = model;
    this.seed = seed;
    this.ids = tokens(shape, 0);
    this.targets = tokens(shape, shape.size());
    this.weights = model.initialize(seed);
  }

  private Tensor tokens(Shape shape, long first) {
    int[] tokens = new int[shape.size()];
    Arrays.setAll(
        tokens, i -> (int) CounterRandom.below(model.vocabulary(), seed, TOKEN_STREAM, first + i));
    return Tensor.of(shape, tokens);
  }

  /**
   * Checks a new model on random tokens.
   *
   * @param engine to be checked; may be a second reference engine
   * @param reference the judge
   * @param batch the windows of the batch
   */
  public static Report run(
      Engine engine, Engine reference, ModelConfig config, int vocabulary, int batch, long seed) {
    LanguageModel model = LanguageModel.of(config, vocabulary);
    Shape shape = Shape.of(batch, config.context());
    return new GradCheck(reference, model, shape, seed).run(engine);
  }

  private Report run(Engine engine) {
    weights.forEach(engine::write);
    weights.forEach(reference::write);
    Gradients got = Gradients.of(engine, model, ids, targets);
    Gradients want = Gradients.of(reference, model, ids, targets);
    List<Row> rows = new ArrayList<>();
    try (Program objective = Gradients.objective(reference, model, ids.shape())) {
      for (CheckpointTensor t : model.checkpointTensors()) {
        if (t.trainable()) {
          rows.add(row(objective, t, piece(got, t), piece(want, t)));
        }
      }
    }
    return new Report(got.loss(), want.loss(), rows);
  }

  private static double[] piece(Gradients g, CheckpointTensor t) {
    double[] stack = g.stacks().get(t.variable()).doubles();
    return Arrays.copyOfRange(stack, t.offset(), t.offset() + t.shape().size());
  }

  private Row row(Program objective, CheckpointTensor t, double[] got, double[] want) {
    double norm = norm(want);
    double[] difference = want.clone();
    for (int i = 0; i < want.length; i++) {
      difference[i] -= got[i];
    }
    double off = norm(difference);
    double engineError = norm > 0 ? off / norm : off == 0 ? 0 : Double.POSITIVE_INFINITY;
    double[] d = direction(t, want, norm);
    double slope = 0;
    for (int i = 0; i < d.length; i++) {
      slope += want[i] * d[i];
    }
    double quotient =
        (lossAt(objective, t, d, EPSILON) - lossAt(objective, t, d, -EPSILON)) / (2 * EPSILON);
    reference.write(t.variable(), weights.get(t.variable()));
    return new Row(t.name(), norm, engineError, Math.abs(quotient - slope));
  }

  private double[] direction(CheckpointTensor t, double[] gradient, double norm) {
    double[] random = new double[gradient.length];
    Arrays.setAll(
        random, i -> CounterRandom.gaussian(seed, DIRECTION_STREAM + t.name().hashCode(), i));
    double length = norm(random);
    double[] d = new double[random.length];
    Arrays.setAll(d, i -> random[i] / length + (norm > 0 ? gradient[i] / norm : 0));
    return d;
  }

  private double lossAt(Program objective, CheckpointTensor t, double[] d, double step) {
    double[] moved = weights.get(t.variable()).doubles().clone();
    for (int i = 0; i < d.length; i++) {
      moved[t.offset() + i] += step * d[i];
    }
    reference.write(t.variable(), Tensor.of(weights.get(t.variable()).shape(), moved));
    Gradients.run(objective, ids, targets);
    return objective.readScalar(Gradients.OBJECTIVE);
  }

  private static double norm(double[] x) {
    return Math.sqrt(Arrays.stream(x).map(v -> v * v).sum());
  }
}
