package io.manifoldmuon.model.train;

import io.manifoldmuon.optim.ConstraintCheck;
import io.manifoldmuon.optim.Parameter;
import io.manifoldmuon.optim.Solve;
import io.manifoldmuon.optim.SolverReport;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How well an optimizer keeps weights on their manifolds, and how well it solves for its steps.
 *
 * @param constraints how far the weights are off
 * @param solves what the solver's check says of each parameter
 */
public record ManifoldMetrics(ConstraintCheck.Report constraints, Map<Solve, SolverReport> solves) {

  /**
   * The keys and values in {@code metrics.jsonl}, none where nothing is constrained:
   *
   * <ul>
   *   <li>{@code constraint_max}, {@code constraint_mean}: the residuals of all;
   *   <li>{@code sigma_min}, {@code sigma_max}: bounds of the singular values, over the radius;
   *   <li>{@code dual_gap}: the largest relative gap;
   *   <li>{@code groups}: by the role of the parameters, {@code constraint_max}, and of what is
   *       solved {@code solver}, {@code iterations}, {@code tangency}, {@code dual_gap} (the
   *       largest) and {@code dual_gap_mean}.
   * </ul>
   */
  Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    ConstraintCheck.Residual total = constraints.total();
    if (total.count() == 0) {
      return fields;
    }
    fields.put("constraint_max", total.max());
    fields.put("constraint_mean", total.mean());
    if (!constraints.spread().isEmpty()) {
      double spread = constraints.spread().values().stream().reduce(0.0, Math::max);
      fields.put("sigma_min", Math.sqrt(1 - spread));
      fields.put("sigma_max", Math.sqrt(1 + spread));
    }
    if (!solves.isEmpty()) {
      fields.put("dual_gap", all().worstGap());
    }
    Map<String, Map<String, Object>> groups = new LinkedHashMap<>();
    constraints.byParameter().forEach((p, r) -> group(groups, p).put("constraint_max", r.max()));
    solves.forEach((solve, report) -> put(group(groups, solve.parameter()), solve, report));
    fields.put("groups", groups);
    return fields;
  }

  private SolverReport all() {
    return solves.values().stream().reduce(SolverReport::and).orElseThrow();
  }

  private static Map<String, Object> group(Map<String, Map<String, Object>> groups, Parameter p) {
    return groups.computeIfAbsent(p.role().tag(), _ -> new LinkedHashMap<>());
  }

  private static void put(Map<String, Object> group, Solve solve, SolverReport report) {
    group.put("solver", solve.solver());
    group.put("iterations", report.meanIterations());
    group.put("tangency", report.worstTangency());
    group.put("dual_gap", report.worstGap());
    group.put("dual_gap_mean", report.meanGap());
  }
}
