package io.manifoldmuon.model.train;

import io.manifoldmuon.optim.ConstraintCheck;
import io.manifoldmuon.optim.Parameter;
import io.manifoldmuon.optim.Solve;
import io.manifoldmuon.optim.SolverReport;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BinaryOperator;

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
   *   <li>{@code groups}: by the role of the parameters, {@code constraint_max}, {@code
   *       constraint_mean}, where singular values are fixed {@code sigma_min} and {@code
   *       sigma_max}, and of what is solved {@code solver}, {@code iterations}, {@code tangency},
   *       {@code dual_gap} (the largest) and {@code dual_gap_mean}.
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
      putBand(fields, spread);
    }
    if (!solves.isEmpty()) {
      fields.put("dual_gap", all().worstGap());
    }
    Map<String, Map<String, Object>> groups = new LinkedHashMap<>();
    byRole(constraints.byParameter(), ConstraintCheck.Residual::and)
        .forEach((role, r) -> putResidual(groups, role, r));
    byRole(constraints.spread(), Math::max).forEach((role, s) -> putBand(groups.get(role), s));
    solves.forEach((solve, report) -> put(group(groups, solve.parameter()), solve, report));
    fields.put("groups", groups);
    return fields;
  }

  private static <X> Map<String, X> byRole(Map<Parameter, X> of, BinaryOperator<X> and) {
    Map<String, X> all = new LinkedHashMap<>();
    of.forEach((p, x) -> all.merge(p.role().tag(), x, and));
    return all;
  }

  private static void putResidual(
      Map<String, Map<String, Object>> groups, String role, ConstraintCheck.Residual r) {
    Map<String, Object> group = new LinkedHashMap<>();
    group.put("constraint_max", r.max());
    group.put("constraint_mean", r.mean());
    groups.put(role, group);
  }

  /** σ of all matrices lies in √(1 ∓ spread), over the radius. */
  private static void putBand(Map<String, Object> fields, double spread) {
    fields.put("sigma_min", Math.sqrt(1 - spread));
    fields.put("sigma_max", Math.sqrt(1 + spread));
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
