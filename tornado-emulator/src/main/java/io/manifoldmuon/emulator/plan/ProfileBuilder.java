package io.manifoldmuon.emulator.plan;

import java.util.LinkedHashMap;
import java.util.Map;

/** Adds up what an execution takes. */
final class ProfileBuilder {
  private record Run(String kernel, long nanos) {}

  private final long start = System.nanoTime();
  private final Map<String, Run> runs = new LinkedHashMap<>();
  private long compile;
  private long copyIn;
  private long copyOut;
  private long bytesIn;
  private long bytesOut;

  void compiled(long nanos) {
    compile += nanos;
  }

  void ran(String task, String kernel, long nanos) {
    runs.put(task, new Run(kernel, nanos));
  }

  void sent(long bytes, long nanos) {
    bytesIn += bytes;
    copyIn += nanos;
  }

  void fetched(long bytes, long nanos) {
    bytesOut += bytes;
    copyOut += nanos;
  }

  Profile build() {
    long kernels = runs.values().stream().mapToLong(Run::nanos).sum();
    long total = System.nanoTime() - start;
    return new Profile(total, compile, kernels, copyIn, copyOut, bytesIn, bytesOut, json(total));
  }

  /** The keys are those of TornadoVM's profiler. */
  private String json(long total) {
    StringBuilder text = new StringBuilder("{\n");
    text.append("  \"TOTAL_TASK_GRAPH_TIME\": \"").append(total).append("\"");
    runs.forEach(
        (task, run) ->
            text.append(",\n  \"")
                .append(task)
                .append("\": {\n    \"METHOD\": \"")
                .append(run.kernel)
                .append("\",\n    \"TASK_KERNEL_TIME\": \"")
                .append(run.nanos)
                .append("\"\n  }"));
    return text.append("\n}\n").toString();
  }
}
