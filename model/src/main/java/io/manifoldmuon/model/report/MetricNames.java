package io.manifoldmuon.model.report;

import java.util.List;
import java.util.regex.Pattern;

/** The names of the numbers in {@code metrics.jsonl}, as {@link FlatNumbers} has them. */
public final class MetricNames {
  /** Those of a whole model. */
  public static final List<String> ALL =
      List.of(
          "step",
          "tokens",
          "train_loss",
          "val_loss",
          "lr",
          "grad_norm",
          "tokens_per_s",
          "step_ms",
          "forward_ms",
          "backward_ms",
          "optimizer_ms",
          "constraint_max",
          "constraint_mean",
          "sigma_min",
          "sigma_max",
          "dual_gap",
          "router_entropy",
          "max_violation_load",
          "total_seconds");

  /** Those of a group of parameters, and of an expert in a layer. */
  private static final Pattern OF_A_PART =
      Pattern.compile(
          "groups\\.[a-z-]+\\.(constraint_max|constraint_mean|sigma_min|sigma_max|iterations"
              + "|tangency|dual_gap|dual_gap_mean)|expert_load\\.\\d+\\.\\d+");

  private MetricNames() {}

  /** Whether there is such a number. */
  public static boolean isKnown(String name) {
    return ALL.contains(name) || OF_A_PART.matcher(name).matches();
  }
}
