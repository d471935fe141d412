package io.manifoldmuon.model.experiment;

import io.manifoldmuon.model.experiment.Definition.Limit;
import io.manifoldmuon.model.report.MetricTable;
import io.manifoldmuon.model.report.RunData;
import io.manifoldmuon.model.report.RunFigures;
import io.manifoldmuon.model.report.Series;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The figures of one run, by the names that tables have for them; NaN where one does not apply.
 *
 * <ul>
 *   <li>{@code val_loss}: after the last step; {@code best_val_loss}: the least;
 *   <li>{@code train_loss}: mean over the last tenth of the logged steps; {@code train_loss_sd}:
 *       over the second half, of the differences of neighbouring logged losses, by √2, so that the
 *       slope is no part of it;
 *   <li>{@code grad_norm_mean}, {@code grad_norm_var}: over the second half of the logged steps;
 *       {@code grad_norm_cv2}: variance by squared mean, which the gradient's scale does not
 *       change; {@code grad_norm_noise_cv2}: that of its noise alone, by differences as above;
 *   <li>{@code wall_seconds}, validation and saving included; {@code step_ms}, {@code
 *       optimizer_ms}: medians of logged steps;
 *   <li>{@code flops}, {@code optimizer_flops}: of the products of all steps, estimated from the
 *       graph;
 *   <li>{@code constraint_max}, {@code sigma_min}, {@code sigma_max}, {@code dual_gap}: the worst
 *       of all logged steps;
 *   <li>{@code router_entropy}, {@code busiest_expert}: means over the last tenth.
 * </ul>
 *
 * @param values by name, in order
 */
record Measures(Map<String, Double> values) {

  /**
   * The figures of a run.
   *
   * @param limits of each, {@code least}, {@code most} and {@code checks} are figures, too
   */
  static Measures of(RunData run, List<Limit> limits) {
    MetricTable metrics = run.metrics();
    RunFigures figures = new RunFigures(run);
    Map<String, Double> v = new LinkedHashMap<>();
    double steps = metrics.lastStep();
    v.put("steps", steps);
    v.put("tokens", figures.tokens());
    v.put("val_loss", figures.validationLoss());
    v.put("best_val_loss", figures.bestLoss());
    v.put("train_loss", tail(metrics.series("train_loss")));
    v.put("train_loss_sd", roughness(half(metrics.series("train_loss"))));
    double[] gradients = half(metrics.series("grad_norm"));
    Statistics.Sample norms = Statistics.Sample.of(gradients);
    v.put("grad_norm_mean", norms.mean());
    v.put("grad_norm_var", norms.deviation() * norms.deviation());
    v.put("grad_norm_cv2", Math.pow(norms.deviation() / norms.mean(), 2));
    v.put("grad_norm_noise_cv2", Math.pow(roughness(gradients) / norms.mean(), 2));
    v.put("wall_seconds", figures.seconds());
    v.put("step_ms", median(metrics.series("step_ms")));
    v.put("optimizer_ms", median(metrics.series("optimizer_ms")));
    flops(run, steps, v);
    v.put("constraint_max", most(metrics.series("constraint_max")));
    v.put("sigma_min", least(metrics.series("sigma_min")));
    v.put("sigma_max", most(metrics.series("sigma_max")));
    v.put("dual_gap", most(metrics.series("dual_gap")));
    v.put("router_entropy", tail(metrics.series("router_entropy")));
    v.put("busiest_expert", tail(metrics.series("max_violation_load")));
    for (Limit limit : limits) {
      Series s = metrics.series(limit.metric());
      v.put("least " + limit.metric(), least(s));
      v.put("most " + limit.metric(), most(s));
      v.put("checks " + limit.metric(), (double) s.x().length);
    }
    return new Measures(v);
  }

  private static void flops(RunData run, double steps, Map<String, Double> v) {
    RunData.Session last = run.sessions().isEmpty() ? null : run.sessions().getLast();
    Map<String, Double> flops = last == null ? Map.of() : last.flops();
    double all = flops.values().stream().mapToDouble(Double::doubleValue).sum();
    v.put("flops", flops.isEmpty() ? Double.NaN : steps * all);
    v.put("optimizer_flops", steps * flops.getOrDefault("optimizer", Double.NaN));
    v.put("parameters", last == null ? Double.NaN : last.parameters());
    v.put("active_parameters", last == null ? Double.NaN : last.activeParameters());
  }

  /** A figure by its name. */
  double get(String name) {
    return values.getOrDefault(name, Double.NaN);
  }

  private static double[] half(Series s) {
    return Arrays.copyOfRange(s.y(), s.y().length / 2, s.y().length);
  }

  private static double tail(Series s) {
    int n = s.y().length;
    return Arrays.stream(s.y(), n - (n + 9) / 10, n).average().orElse(Double.NaN);
  }

  private static double roughness(double[] y) {
    double[] steps = new double[Math.max(0, y.length - 1)];
    for (int i = 0; i < steps.length; i++) {
      steps[i] = y[i + 1] - y[i];
    }
    return Statistics.Sample.of(steps).deviation() / Math.sqrt(2);
  }

  private static double median(Series s) {
    double[] y = s.y().clone();
    Arrays.sort(y);
    return y.length == 0 ? Double.NaN : (y[(y.length - 1) / 2] + y[y.length / 2]) / 2;
  }

  private static double most(Series s) {
    return s.isEmpty() ? Double.NaN : s.max();
  }

  private static double least(Series s) {
    return s.isEmpty() ? Double.NaN : s.min();
  }
}
