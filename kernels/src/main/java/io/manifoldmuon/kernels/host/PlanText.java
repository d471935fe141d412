package io.manifoldmuon.kernels.host;

import io.manifoldmuon.linalg.graph.Graph;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import uk.ac.manchester.tornado.api.WorkerGrid;

/**
 * A readable account of a program: graphs, tasks, grids, bytes, estimated flops, and where they
 * were measured the times on the device, with their sums by kernel.
 */
final class PlanText {
  private static final double MILLIS = 1e-6;

  private static final class Sum {
    int launches;
    long nanos;
    double flops;
    long bytes;

    void add(Launch l, long time) {
      launches++;
      nanos += time;
      flops += l.flops();
      bytes += l.bytes();
    }
  }

  private final GraphCycle cycle;
  private final StringBuilder text = new StringBuilder();
  private final Map<String, Sum> sums = new TreeMap<>();

  PlanText(GraphCycle cycle) {
    this.cycle = cycle;
  }

  /** The account; {@code bytes} are those of the program's own arrays. */
  String of(DeviceEngine engine, long bytes, Graph graph) {
    List<GraphCycle.Piece> pieces = cycle.pieces();
    int tasks = pieces.stream().mapToInt(p -> p.steps().size()).sum();
    double flops =
        pieces.stream()
            .flatMap(p -> p.steps().stream())
            .mapToDouble(step -> step.launch().flops())
            .sum();
    line(
        "%s: %d nodes, %d tasks of %d codes in %d task graphs; %.3f Gflop; buffers %.1f MB%n",
        engine.name(),
        graph.nodes().size(),
        tasks,
        cycle.compiled(),
        pieces.size(),
        flops * 1e-9,
        bytes * 1e-6);
    for (int i = 0; i < pieces.size(); i++) {
      GraphCycle.Piece piece = pieces.get(i);
      line(
          "graph %d, %s, %d tasks%n",
          i, piece.phase().name().toLowerCase(Locale.ROOT), piece.steps().size());
      for (int j = 0; j < piece.steps().size(); j++) {
        line(piece.steps().get(j), cycle.nanos(i, j));
      }
    }
    kernels();
    return text.toString();
  }

  private void line(String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values));
  }

  private void line(GraphCycle.Step step, long nanos) {
    Launch l = step.launch();
    String time = "";
    if (nanos >= 0) {
      time = String.format(Locale.ROOT, "%9.3f ms ", nanos * MILLIS);
      sums.computeIfAbsent(l.name(), _ -> new Sum()).add(l, nanos);
    }
    line(
        "  %-26s %-22s %s%10.3f MB %10.3f Mflop  %s %s%n",
        l.name(),
        sizes(l.grid()),
        time,
        l.bytes() * 1e-6,
        l.flops() * 1e-6,
        step.where(),
        l.writes());
  }

  /** What each kernel took, the dearest first. */
  private void kernels() {
    if (sums.isEmpty()) {
      return;
    }
    long all = sums.values().stream().mapToLong(s -> s.nanos).sum();
    line("kernels, %.3f ms on the device%n", all * MILLIS);
    sums.entrySet().stream()
        .sorted(Comparator.comparingLong(e -> -e.getValue().nanos))
        .forEach(e -> line(e.getKey(), e.getValue()));
  }

  private void line(String kernel, Sum s) {
    line(
        "  %-26s %4d launches %9.3f ms %8.2f Gflop/s %8.2f GB/s%n",
        kernel, s.launches, s.nanos * MILLIS, s.flops / s.nanos, (double) s.bytes / s.nanos);
  }

  private static String sizes(WorkerGrid grid) {
    int d = grid.dimension();
    return Arrays.toString(Arrays.copyOf(grid.getGlobalWork(), d))
        + "/"
        + Arrays.toString(Arrays.copyOf(grid.getLocalWork(), d));
  }
}
