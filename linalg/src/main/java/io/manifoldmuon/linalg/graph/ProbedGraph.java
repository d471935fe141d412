package io.manifoldmuon.linalg.graph;

import io.manifoldmuon.linalg.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * A graph that computes what another one does, assigns nothing, and has the largest magnitude of
 * every real value as an output: to find where a number that is not finite comes from. It costs a
 * pass over every value, so it is for the step that went wrong, not for all.
 *
 * @param graph the graph to compile; it has the inputs and variables of the original
 * @param probes the nodes with real values, in the order of execution
 */
public record ProbedGraph(Graph graph, List<Probe> probes) {

  /**
   * A value that is looked at.
   *
   * @param output the name of its largest magnitude among the outputs
   * @param node the node of the original that makes it
   */
  public record Probe(String output, Node node) {}

  /** The probed form of a graph. */
  public static ProbedGraph of(Graph original) {
    GraphBuilder g = new GraphBuilder();
    Value[] values = new Value[original.valueCount()];
    List<Probe> probes = new ArrayList<>();
    for (Node n : original.nodes()) {
      if (n.op() instanceof Op.Assign) {
        values[n.outputs().getFirst()] = values[n.inputs().get(1)];
      } else {
        copy(g, n, values);
        probe(g, n, values, probes);
      }
    }
    return new ProbedGraph(g.build(), List.copyOf(probes));
  }

  private static void copy(GraphBuilder g, Node n, Value[] values) {
    Value[] inputs = n.inputs().stream().map(v -> values[v]).toArray(Value[]::new);
    g.phase(
        n.phase(),
        () ->
            g.scope(
                n.scope(),
                () -> {
                  List<Value> made = g.record(n.op(), inputs);
                  for (int i = 0; i < made.size(); i++) {
                    values[n.outputs().get(i)] = made.get(i);
                  }
                }));
  }

  private static void probe(GraphBuilder g, Node n, Value[] values, List<Probe> probes) {
    for (int v : n.outputs()) {
      if (isMade(n.op()) && values[v].type().dtype() == DType.REAL) {
        String name = "probe." + probes.size();
        g.phase(n.phase(), () -> g.output(name, g.maxAbs(values[v], 0)));
        probes.add(new Probe(name, n));
      }
    }
  }

  /** Whether the values are the node's own: those of a view are looked at where they are made. */
  private static boolean isMade(Op op) {
    return !(op instanceof Op.Reshape || op instanceof Op.Slice || op instanceof Op.Fill);
  }

  /**
   * The first probe, in the order of execution, whose value is not finite.
   *
   * @param read gives an output of the last run by its name
   */
  public Optional<Probe> firstNotFinite(ToDoubleFunction<String> read) {
    return probes.stream()
        .filter(p -> !Double.isFinite(read.applyAsDouble(p.output())))
        .findFirst();
  }
}
