package io.manifoldmuon.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What figures were taken with.
 *
 * @param engines their descriptions by name
 * @param threads the CPU threads that were asked for, 0 for all
 */
record Facts(Map<String, String> engines, int threads) {

  /** Names and values for JSON. */
  Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("commit", commit());
    fields.put("engines", engines);
    fields.put("threads", threads);
    fields.put("processors", Runtime.getRuntime().availableProcessors());
    fields.put("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    fields.put("jdk", Runtime.version() + " (" + System.getProperty("java.vendor") + ")");
    fields.put("flags", flags());
    fields.put("seed", Workload.SEED);
    return fields;
  }

  /** The same, a line each. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    engines.forEach((name, description) -> lines.add(name + ": " + description));
    lines.add("JDK " + fields().get("jdk") + ", commit " + commit());
    return lines;
  }

  /** Without paths and the many that TornadoVM wants. */
  private static List<String> flags() {
    return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> flag.startsWith("-X") && flag.indexOf('/') < 0)
        .toList();
  }

  /** The commit of the sources in the working folder, {@code unknown} outside of a checkout. */
  private static String commit() {
    try {
      Process git =
          new ProcessBuilder("git", "describe", "--always", "--dirty", "--exclude=*")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String line = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return git.waitFor(10, TimeUnit.SECONDS) && git.exitValue() == 0 ? line : "unknown";
    } catch (IOException e) {
      return "unknown"; // no git on this machine
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "unknown";
    }
  }
}
