package io.manifoldmuon.model.train;

import io.manifoldmuon.linalg.NumericalException;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.linalg.graph.Value;
import io.manifoldmuon.model.config.ModelConfig;
import io.manifoldmuon.model.data.DataException;
import io.manifoldmuon.model.data.EvaluationWindows;
import io.manifoldmuon.model.data.Tokens;
import io.manifoldmuon.model.nn.Forward;
import io.manifoldmuon.model.nn.LanguageModel;
import io.manifoldmuon.model.nn.Mode;
import java.util.function.LongUnaryOperator;

/**
 * Measures the mean cross-entropy of a model over non-overlapping windows of its context, in
 * batches. Every token counts once: the rows that fill up the last batch are left out of the sum.
 */
public final class Evaluator implements AutoCloseable {
  private static final String LOSSES = "losses";
  private static final int TOKENS_PER_BATCH = 2048;

  private final int vocabulary;
  private final int batch;
  private final int context;
  private final Program program;
  private final int[] ids;
  private final int[] targets;
  private final int[] rowIds;
  private final int[] rowTargets;
  private final Tensor idTensor;
  private final Tensor targetTensor;

  /**
   * Compiles the evaluation.
   *
   * @param batch the windows that are computed at once; of no influence on the result but rounding
   */
  public Evaluator(Engine engine, LanguageModel model, ModelConfig config, int batch) {
    this.vocabulary = model.vocabulary();
    this.batch = batch;
    this.context = config.context();
    Shape shape = Shape.of(batch, context);
    this.ids = new int[shape.size()];
    this.targets = new int[shape.size()];
    this.rowIds = new int[context];
    this.rowTargets = new int[context];
    this.idTensor = Tensor.of(shape, ids);
    this.targetTensor = Tensor.of(shape, targets);
    GraphBuilder g = new GraphBuilder();
    Value in = g.input(StepGraphs.IDS, Type.integer(batch, context));
    Value out = g.input(StepGraphs.TARGETS, Type.integer(batch, context));
    Forward forward = model.forward(g, in, out, Mode.EVAL);
    g.output(LOSSES, forward.lossPerToken());
    this.program = engine.compile(g.build());
  }

  /** A batch size that keeps two cores busy and is not larger than needed. */
  public static int batchFor(ModelConfig config, long windows) {
    return (int) Math.max(1, Math.min(windows, TOKENS_PER_BATCH / config.context()));
  }

  /** The number of windows in a sequence; the last partial one is not counted. */
  public static long windows(Tokens tokens, ModelConfig config) {
    return (tokens.size() - 1) / config.context();
  }

  /**
   * The windows from the start of the sequence that {@code maxTokens} predicted tokens fill.
   *
   * @param maxTokens 0 for no limit
   * @throws DataException if that is less than one window
   */
  public Evaluation fromStart(Tokens tokens, long maxTokens) {
    EvaluationWindows windows = new EvaluationWindows(tokens, vocabulary, context);
    long count = maxTokens > 0 ? Math.min(windows.count(), maxTokens / context) : windows.count();
    if (count < 1) {
      throw new DataException(
          "eval: "
              + maxTokens
              + " tokens asked for, less than one window of "
              + context
              + "; ask for more with --tokens");
    }
    return evaluate(windows, count, i -> i);
  }

  /** {@code wanted} windows spread evenly over the sequence, or all where there are fewer. */
  public Evaluation spread(Tokens tokens, int wanted) {
    EvaluationWindows windows = new EvaluationWindows(tokens, vocabulary, context);
    long all = windows.count();
    long count = Math.min(wanted, all);
    return evaluate(windows, count, i -> Math.multiplyExact(i, all) / count);
  }

  private Evaluation evaluate(EvaluationWindows windows, long count, LongUnaryOperator window) {
    double sum = 0;
    for (long first = 0; first < count; first += batch) {
      int rows = (int) Math.min(batch, count - first);
      for (int row = 0; row < rows; row++) {
        windows.fill(window.applyAsLong(first + row), 1, rowIds, rowTargets);
        System.arraycopy(rowIds, 0, ids, row * context, context);
        System.arraycopy(rowTargets, 0, targets, row * context, context);
      }
      sum += sumOfBatch(rows); // rows beyond hold an older window, or zeros
    }
    double loss = sum / ((double) count * context);
    if (!Double.isFinite(loss)) {
      throw new NumericalException(
          "eval: the loss is " + loss + ", wanted a finite number; the weights are damaged");
    }
    return new Evaluation(loss, count * context);
  }

  private double sumOfBatch(int rows) {
    program.write(StepGraphs.IDS, idTensor);
    program.write(StepGraphs.TARGETS, targetTensor);
    program.run();
    double[] losses = program.read(LOSSES).doubles();
    double sum = 0;
    for (int i = 0; i < rows * context; i++) {
      sum += losses[i];
    }
    return sum;
  }

  @Override
  public void close() {
    program.close();
  }
}
