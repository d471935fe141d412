package io.manifoldmuon.kernels.host;

import io.manifoldmuon.linalg.graph.Graph;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import uk.ac.manchester.tornado.api.WorkerGrid;

/** A readable account of a program: graphs, tasks, grids, bytes, estimated flops. */
final class PlanText {
  private PlanText() {}

  static String of(DeviceEngine engine, List<GraphCycle.Piece> pieces, long bytes, Graph graph) {
    StringBuilder s = new StringBuilder();
    int tasks = pieces.stream().mapToInt(p -> p.steps().size()).sum();
    double flops =
        pieces.stream()
            .flatMap(p -> p.steps().stream())
            .mapToDouble(step -> step.launch().flops())
            .sum();
    s.append(
        String.format(
            Locale.ROOT,
            "%s: %d nodes, %d tasks in %d task graphs; %.3f Gflop; buffers %.1f MB%n",
            engine.name(),
            graph.nodes().size(),
            tasks,
            pieces.size(),
            flops * 1e-9,
            bytes * 1e-6));
    for (int i = 0; i < pieces.size(); i++) {
      GraphCycle.Piece piece = pieces.get(i);
      s.append(
          String.format(
              Locale.ROOT,
              "graph %d, %s, %d tasks%n",
              i,
              piece.phase().name().toLowerCase(Locale.ROOT),
              piece.steps().size()));
      piece.steps().forEach(step -> s.append(line(step)));
    }
    return s.toString();
  }

  private static String line(GraphCycle.Step step) {
    Launch l = step.launch();
    return String.format(
        Locale.ROOT,
        "  %-26s %-22s %10.3f MB %10.3f Mflop  %s %s%n",
        l.name(),
        sizes(l.grid()),
        l.bytes() * 1e-6,
        l.flops() * 1e-6,
        step.where(),
        l.writes());
  }

  private static String sizes(WorkerGrid grid) {
    int d = grid.dimension();
    return Arrays.toString(Arrays.copyOf(grid.getGlobalWork(), d))
        + "/"
        + Arrays.toString(Arrays.copyOf(grid.getLocalWork(), d));
  }
}
