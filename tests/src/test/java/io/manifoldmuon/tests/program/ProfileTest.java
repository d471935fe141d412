package io.manifoldmuon.tests.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** {@code bench --profile}: what was compiled, and what each launch took. */
class ProfileTest {
  private static final List<String> VERY_SMALL =
      List.of(
          "model.d_model=16",
          "model.n_layers=1",
          "model.n_heads=2",
          "model.n_experts=4",
          "model.top_k=2",
          "model.d_ff=16",
          "model.context=8");

  private static final Pattern HEAD =
      Pattern.compile(
          "emulator: (\\d+) nodes, (\\d+) tasks of (\\d+) codes in (\\d+) task graphs.*");
  private static final Pattern GRAPH =
      Pattern.compile("graph (\\d+), (forward|backward|optimizer), (\\d+) tasks");
  private static final Pattern TASK =
      Pattern.compile("  (\\S+.*?) +\\[.*]/\\[.*] +([0-9.]+) ms +[0-9.]+ MB +[0-9.]+ Mflop .*");
  private static final Pattern KERNEL =
      Pattern.compile("  (\\S+.*?) +(\\d+) launches +([0-9.]+) ms .*");

  private static List<String> lines(String engine) {
    Muon.Outcome outcome =
        Muon.run(
            Muon.command(
                "bench",
                VERY_SMALL,
                "--engine=" + engine,
                "--batch=2",
                "--steps=1",
                "--warmup=0",
                "--profile"));
    assertThat(outcome.code()).as(outcome.err()).isZero();
    return List.of((outcome.out() + outcome.err()).split("\\R"));
  }

  private static List<Matcher> matches(Pattern pattern, List<String> lines) {
    List<Matcher> found = new ArrayList<>();
    for (String line : lines) {
      Matcher m = pattern.matcher(line);
      if (m.matches()) {
        found.add(m);
      }
    }
    return found;
  }

  private static int sum(List<Matcher> lines, int group) {
    return lines.stream().mapToInt(m -> Integer.parseInt(m.group(group))).sum();
  }

  private static double times(List<Matcher> lines, int group) {
    return lines.stream().mapToDouble(m -> Double.parseDouble(m.group(group))).sum();
  }

  @Test
  void everyLaunchHasItsTimeAndTheSumsAddUp() {
    List<String> lines = lines("emulator");
    List<Matcher> heads = matches(HEAD, lines);
    assertThat(heads).as("a plan").isNotEmpty();
    int tasks = sum(heads, 2);
    assertThat(sum(heads, 3)).as("codes").isBetween(1, tasks);
    List<Matcher> graphs = matches(GRAPH, lines);
    assertThat(graphs).hasSize(sum(heads, 4));
    assertThat(sum(graphs, 3)).isEqualTo(tasks);
    assertThat(graphs.stream().map(m -> m.group(2))).contains("forward", "backward", "optimizer");
    List<Matcher> launches = matches(TASK, lines);
    assertThat(launches).as("each task with its time").hasSize(tasks);
    List<Matcher> kernels = matches(KERNEL, lines);
    assertThat(sum(kernels, 2)).isEqualTo(tasks);
    // each time is rounded to a thousandth
    assertThat(times(launches, 2)).isPositive();
    assertThat(Math.abs(times(launches, 2) - times(kernels, 3))).isLessThan(1e-3 * tasks);
  }

  @Test
  void whatTimesPhasesOnlySaysSo() {
    assertThat(lines("cpu")).anyMatch(l -> l.contains("engine cpu times phases, not launches"));
  }
}
