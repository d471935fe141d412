package io.manifoldmuon.tests.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run takes no more memory after a thousand steps than after the first few hundred. */
class SteadyStateTest {
  private static final long KIB = 1024;

  /** Less than a batch of ids, 512 bytes, at each of the 700 steps. */
  private static final long HEAP_GROWTH = 256 * KIB;

  /** Less than half of the step's gradients, 100 KiB, at each step; the JVM compiles meanwhile. */
  private static final long RESIDENT_GROWTH = 32 * KIB * KIB;

  /** What the measurement itself takes. */
  private static final long REPLAYS_ALLOCATE = 8 * KIB;

  @TempDir static Path temp;

  private static Map<String, Long> measured;

  @BeforeAll
  static void run() throws Exception {
    List<String> lines =
        Java.run(
                temp,
                List.of("-Xms256m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:+AlwaysPreTouch"),
                SteadyRun.class.getName())
            .requireSuccess();
    measured = new HashMap<>();
    for (String line : lines) {
      String[] words = line.split(" ", 2);
      measured.put(words[0], Long.valueOf(words[1]));
    }
  }

  @Test
  void heapDoesNotGrow() {
    assertThat(growth("heap")).isLessThan(HEAP_GROWTH);
  }

  @Test
  void residentSetDoesNotGrow() {
    assumeTrue(
        Files.isReadable(SteadyRun.STATUS),
        "no " + SteadyRun.STATUS + " to read the resident set from");
    assertThat(growth("resident")).isLessThan(RESIDENT_GROWTH);
  }

  private static long growth(String what) {
    long before = measured.get(what);
    long growth = measured.get(what + "-later") - before;
    Figures.print(
        "%s: %,d bytes after %d steps, %,d more after %d",
        what, before, SteadyRun.SETTLED, growth, SteadyRun.STEPS);
    return growth;
  }

  @Test
  void replaysAllocateNothing() {
    long here = measured.get("replays-here");
    long all = measured.get("replays-all");
    Figures.print(
        "%d replays allocate %,d bytes here, %,d in all threads", SteadyRun.REPLAYS, here, all);
    assertThat(here).isLessThan(REPLAYS_ALLOCATE);
    assertThat(all).isLessThan(REPLAYS_ALLOCATE);
  }
}
