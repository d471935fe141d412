package io.manifoldmuon.model.train;

import io.manifoldmuon.linalg.engine.Engine;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** What a run was made with, for its log and report. */
public final class Environment {
  /** The version of this program. */
  public static final String VERSION = "0.1.0";

  private Environment() {}

  /** Engine, Java and machine, in order. */
  static Map<String, String> of(Engine engine) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("Engine", engine.name() + ": " + engine.description());
    facts.put("Java", Runtime.version() + " (" + System.getProperty("java.vendor") + ")");
    facts.put(
        "Machine",
        String.format(
            Locale.ROOT,
            "%s %s, %d processors, %.1f GiB",
            System.getProperty("os.name"),
            System.getProperty("os.arch"),
            Runtime.getRuntime().availableProcessors(),
            memoryBytes() / (double) (1L << 30)));
    return facts;
  }

  /**
   * The memory of the machine or container in bytes; {@link Long#MAX_VALUE} where it is unknown.
   */
  static long memoryBytes() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getTotalMemorySize()
        : Long.MAX_VALUE;
  }
}
