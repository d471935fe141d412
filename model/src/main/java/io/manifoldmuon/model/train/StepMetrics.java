package io.manifoldmuon.model.train;

import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.model.nn.ExpertLoad;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What one line of {@code metrics.jsonl} says of a step. A value that does not apply is null and
 * its key is absent.
 *
 * @param step optimizer steps done
 * @param tokens training tokens seen
 * @param trainLoss mean cross-entropy of the step's batch before its update, in nats
 * @param valLoss mean cross-entropy of the validation windows after the update, in nats
 * @param lr the step's learning rate
 * @param gradNorm the global gradient norm before clipping
 * @param speed times, as means over the steps since the line before
 * @param routerEntropy mean entropy of the router's softmax, in nats, over tokens and layers
 * @param expertCounts the assignments of the step's tokens to the experts of each layer, [L, E]
 * @param manifolds the weights on their manifolds after the step, and the solver for the next
 * @param totalSeconds of training over all sessions, validation and saving included
 */
public record StepMetrics(
    long step,
    long tokens,
    Double trainLoss,
    Double valLoss,
    Double lr,
    Double gradNorm,
    Speed speed,
    Double routerEntropy,
    Tensor expertCounts,
    ManifoldMetrics manifolds,
    Double totalSeconds) {

  /**
   * Times of a training step; validation and saving are not in them.
   *
   * @param tokensPerSecond training tokens a second
   * @param stepMs the whole step, batch and transfers included
   * @param forwardMs nodes of the forward phase
   * @param backwardMs nodes of the backward phase
   * @param optimizerMs nodes of the optimizer phase
   */
  public record Speed(
      double tokensPerSecond,
      double stepMs,
      double forwardMs,
      double backwardMs,
      double optimizerMs) {}

  /** The metrics of a validation that no training step goes with. */
  static StepMetrics validation(long step, long tokens, double valLoss) {
    return new StepMetrics(step, tokens, null, valLoss, null, null, null, null, null, null, null);
  }

  /** The same with a validation loss. */
  StepMetrics withValidation(double loss) {
    return new StepMetrics(
        step,
        tokens,
        trainLoss,
        loss,
        lr,
        gradNorm,
        speed,
        routerEntropy,
        expertCounts,
        manifolds,
        totalSeconds);
  }

  /** The keys and values of the line, in a fixed order; a null value's key is absent. */
  Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("step", step);
    fields.put("tokens", tokens);
    fields.put("train_loss", trainLoss);
    fields.put("val_loss", valLoss);
    fields.put("lr", lr);
    fields.put("grad_norm", gradNorm);
    if (speed != null) {
      fields.put("tokens_per_s", rounded(speed.tokensPerSecond));
      fields.put("step_ms", rounded(speed.stepMs));
      fields.put("forward_ms", rounded(speed.forwardMs));
      fields.put("backward_ms", rounded(speed.backwardMs));
      fields.put("optimizer_ms", rounded(speed.optimizerMs));
    }
    if (manifolds != null) {
      fields.putAll(manifolds.fields());
    }
    fields.put("router_entropy", routerEntropy);
    if (expertCounts != null) {
      fields.put("max_violation_load", ExpertLoad.maxViolation(expertCounts));
      fields.put("expert_load", rounded(ExpertLoad.relative(expertCounts)));
    }
    fields.put("total_seconds", totalSeconds == null ? null : rounded(totalSeconds));
    fields.values().removeIf(v -> v == null);
    return fields;
  }

  private static List<List<Double>> rounded(double[][] rows) {
    return Arrays.stream(rows)
        .map(row -> Arrays.stream(row).map(StepMetrics::rounded).boxed().toList())
        .toList();
  }

  private static double rounded(double x) {
    return Double.isFinite(x) ? Math.round(x * 1000) / 1000.0 : x;
  }
}
