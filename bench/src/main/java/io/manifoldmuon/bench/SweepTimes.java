package io.manifoldmuon.bench;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * The times of a sweep, and the laws that they follow.
 *
 * @param rows a row for each point, in the order of the points
 */
record SweepTimes(Sweep sweep, List<Row> rows) {
  /** The law that is of no time. */
  static final String OPERATIONS = "operations";

  /**
   * The times of a point in seconds, over the runs of all rounds.
   *
   * @param runs how many were timed
   * @param seconds the median
   * @param lower the first quartile
   * @param upper the third
   * @param passes forward and backward; 0 where there are none
   * @param flops of the products of a run
   */
  record Row(
      double size,
      int runs,
      double seconds,
      double lower,
      double upper,
      double passes,
      double optimizer,
      double flops) {

    /** Floating-point operations of the products, in 10⁹ a second. */
    double gflops() {
      return flops / seconds * 1e-9;
    }

    private Map<String, Object> fields() {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("size", size);
      fields.put("runs", runs);
      fields.put("seconds", seconds);
      fields.put("seconds_lower_quartile", lower);
      fields.put("seconds_upper_quartile", upper);
      fields.put("forward_backward_seconds", passes);
      fields.put("optimizer_seconds", optimizer);
      fields.put("flops", flops);
      return fields;
    }
  }

  /** Whether there are laws: of two points and more. */
  boolean hasLaws() {
    return rows.size() > 1;
  }

  /** Whether the work has forward and backward passes beside the optimizer's step. */
  boolean hasPasses() {
    return rows.getFirst().passes > 0;
  }

  /** Of the whole time. */
  PowerLaw law() {
    return law(Row::seconds);
  }

  /** Of something else. */
  PowerLaw law(ToDoubleFunction<Row> value) {
    return PowerLaw.fit(
        rows.stream().mapToDouble(Row::size).toArray(), rows.stream().mapToDouble(value).toArray());
  }

  /** The exponent of the whole time between a row and the one before; NaN for the first. */
  double slope(int row) {
    if (row == 0) {
      return Double.NaN;
    }
    Row a = rows.get(row - 1);
    Row b = rows.get(row);
    return PowerLaw.slope(a.size, a.seconds, b.size, b.seconds);
  }

  /** How many times as fast as the first row. */
  double speedUp(int row) {
    return rows.getFirst().seconds / rows.get(row).seconds;
  }

  /** Names and values for JSON. */
  Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("sweep", sweep.name());
    fields.put("what", sweep.what());
    fields.put("points", rows.stream().map(Row::fields).toList());
    if (hasLaws()) {
      laws().forEach((name, law) -> put(fields, name, law));
      fields.put("exponent_last", slope(rows.size() - 1));
    }
    return fields;
  }

  /** All laws by what they are of. */
  Map<String, PowerLaw> laws() {
    Map<String, PowerLaw> laws = new LinkedHashMap<>();
    laws.put("step", law());
    if (hasPasses()) {
      laws.put("forward and backward", law(Row::passes));
      laws.put("optimizer", law(Row::optimizer));
    }
    laws.put(OPERATIONS, law(Row::flops));
    return laws;
  }

  private static void put(Map<String, Object> fields, String name, PowerLaw law) {
    String key = name.replace(' ', '_');
    fields.put(key + "_exponent", law.exponent());
    if (Double.isFinite(law.standardError())) {
      fields.put(key + "_exponent_error", law.standardError());
    }
  }
}
