package io.manifoldmuon.model.train;

import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.model.config.ConfigException;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.nn.MoeLanguageModel;
import io.manifoldmuon.optim.Optimizer;
import java.util.Locale;

/**
 * What training needs at least: weights, their gradients and the optimizer's state. Activations
 * come on top.
 */
public final class MemoryNeed {
  private static final long REFERENCE_BYTES = 8;
  private static final long OTHER_BYTES = 4;

  private MemoryNeed() {}

  /** The bytes of weights, gradients and optimizer state. */
  public static long leastBytes(Engine engine, MoeLanguageModel model, Optimizer optimizer) {
    long elements =
        2 * model.parameters().stream().mapToLong(p -> p.shape().size()).sum()
            + optimizer.state().stream().mapToLong(v -> v.type().shape().size()).sum();
    return elements * (engine.name().equals("reference") ? REFERENCE_BYTES : OTHER_BYTES);
  }

  /**
   * Refuses a model that this machine cannot hold, before the system ends the process for it.
   *
   * @throws ConfigException with both sizes
   */
  public static void check(
      Engine engine, MoeLanguageModel model, Optimizer optimizer, RunConfig config) {
    long least = leastBytes(engine, model, optimizer);
    long present = Environment.memoryBytes();
    if (least > present) {
      throw new ConfigException(
          String.format(
              Locale.ROOT,
              "weights, gradients and optimizer state of model.preset %s take %.1f GiB, this machine"
                  + " has %.1f GiB; use a smaller model",
              config.model().preset(),
              least / (double) (1L << 30),
              present / (double) (1L << 30)));
    }
  }
}
