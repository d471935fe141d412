package io.manifoldmuon.bench;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The time of a workload on an engine, over the iterations of all forks.
 *
 * @param workload what was run
 * @param engine on what
 * @param iterations how many times a replay was timed, each the mean of many replays
 * @param seconds the median
 * @param least the fastest
 * @param most the slowest
 */
record Measurement(
    Workload workload, String engine, long iterations, double seconds, double least, double most) {

  /** Floating-point operations of the products, in 10⁹ a second. */
  double gflops() {
    return workload.flops() / seconds * 1e-9;
  }

  /** What has to be read and written at least, in 10⁹ bytes a second. */
  double gigabytes() {
    return workload.bytes() / seconds * 1e-9;
  }

  /** Names and numbers for JSON. */
  Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("workload", workload.name());
    fields.put("engine", engine);
    fields.put("iterations", iterations);
    fields.put("seconds", seconds);
    fields.put("seconds_min", least);
    fields.put("seconds_max", most);
    fields.put("gflops", gflops());
    fields.put("gbytes_per_s", gigabytes());
    return fields;
  }
}
