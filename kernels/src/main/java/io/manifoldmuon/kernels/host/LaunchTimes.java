package io.manifoldmuon.kernels.host;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The times of tasks on the device, from the log of TornadoVM's profiler: JSON with a section for
 * each task, named as the task is in its graph.
 */
final class LaunchTimes {
  private static final Pattern SECTION = Pattern.compile("\"([^\"]+)\"\\s*:\\s*\\{([^{}]*)\\}");
  private static final Pattern KERNEL =
      Pattern.compile("\"TASK_KERNEL_TIME\"\\s*:\\s*\"(-?\\d+)\"");

  private final Map<String, Long> nanos = new HashMap<>();

  /**
   * Adds what an execution of a graph took; graphs may share the names of tasks.
   *
   * @throws IllegalStateException if the log has no task with a time
   */
  void add(int graph, String log) {
    boolean found = false;
    Matcher section = SECTION.matcher(log);
    while (section.find()) {
      Matcher time = KERNEL.matcher(section.group(2));
      if (time.find()) {
        nanos.put(key(graph, section.group(1)), Long.parseLong(time.group(1)));
        found = true;
      }
    }
    if (!found) {
      throw new IllegalStateException(
          "profiler: a log without the time of a task, wanted TASK_KERNEL_TIME in each section: "
              + log.substring(0, Math.min(log.length(), 200)));
    }
  }

  /** Nanoseconds of a graph's task of that full name, or -1 where none was noted. */
  long of(int graph, String task) {
    return nanos.getOrDefault(key(graph, task), -1L);
  }

  private static String key(int graph, String task) {
    return graph + " " + task;
  }
}
