package io.manifoldmuon.linalg.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An immutable, checked recording: nodes in the order of execution, each reading only values made
 * before it. Built by {@link GraphBuilder}; compiled by an engine; replayed.
 */
public final class Graph {
  private final List<Node> nodes;
  private final List<Type> types;
  private final Map<String, Integer> outputs;
  private final Map<String, Integer> inputs = new LinkedHashMap<>();
  private final Map<String, Integer> variables = new LinkedHashMap<>();

  private Graph(List<Node> nodes, List<Type> types, Map<String, Integer> outputs) {
    this.nodes = List.copyOf(nodes);
    this.types = List.copyOf(types);
    this.outputs = Collections.unmodifiableMap(outputs);
    for (Node n : nodes) {
      if (n.op() instanceof Op.Input o) {
        inputs.put(o.label(), n.outputs().getFirst());
      } else if (n.op() instanceof Op.Variable o) {
        variables.put(o.label(), n.outputs().getFirst());
      }
    }
    checkAssignments();
  }

  /** Keeps what outputs and assignments need, and numbers the values anew. */
  static Graph of(List<Node> recorded, List<Value> values, Map<String, Value> outputs) {
    boolean[] needed = new boolean[values.size()];
    outputs.values().forEach(v -> needed[v.id()] = true);
    boolean[] kept = new boolean[recorded.size()];
    for (int i = recorded.size() - 1; i >= 0; i--) {
      Node n = recorded.get(i);
      kept[i] = n.op() instanceof Op.Assign || n.outputs().stream().anyMatch(v -> needed[v]);
      if (kept[i]) {
        n.inputs().forEach(v -> needed[v] = true);
      }
    }
    int[] renumbered = new int[values.size()];
    List<Type> types = new ArrayList<>();
    List<Node> nodes = new ArrayList<>();
    for (int i = 0; i < recorded.size(); i++) {
      if (kept[i]) {
        Node n = recorded.get(i);
        List<Integer> out = new ArrayList<>();
        for (int v : n.outputs()) {
          renumbered[v] = types.size();
          out.add(types.size());
          types.add(values.get(v).type());
        }
        List<Integer> in = n.inputs().stream().map(v -> renumbered[v]).toList();
        nodes.add(new Node(n.op(), in, out, n.scope(), n.phase()));
      }
    }
    Map<String, Integer> named = new LinkedHashMap<>();
    outputs.forEach((label, v) -> named.put(label, renumbered[v.id()]));
    return new Graph(nodes, types, named);
  }

  /**
   * The same graph with other ops at some nodes, given by index, for engines that know better: each
   * has to make values of the same types of the same inputs.
   */
  public Graph with(Map<Integer, Op> ops) {
    List<Node> changed = new ArrayList<>();
    for (int i = 0; i < nodes.size(); i++) {
      Node n = nodes.get(i);
      Op op = ops.getOrDefault(i, n.op());
      changed.add(new Node(op, n.inputs(), n.outputs(), n.scope(), n.phase()));
    }
    return new Graph(changed, types, outputs);
  }

  /** A value that was overwritten by an assignment may not be read after it. */
  private void checkAssignments() {
    Map<Integer, Integer> roots = new HashMap<>();
    Map<Integer, String> overwritten = new HashMap<>();
    for (Node n : nodes) {
      for (int v : n.inputs()) {
        String label = overwritten.get(roots.getOrDefault(v, v));
        if (label != null) {
          throw new IllegalStateException(
              n.where()
                  + ": reads the old value of '"
                  + label
                  + "' after its assignment, read the"
                  + " new one or record the reading before");
        }
      }
      if (n.op() instanceof Op.Reshape || n.op() instanceof Op.Slice) {
        int source = n.inputs().getFirst();
        roots.put(n.outputs().getFirst(), roots.getOrDefault(source, source));
      } else if (n.op() instanceof Op.Assign o) {
        overwritten.put(n.inputs().getFirst(), o.label());
      }
    }
    outputs.forEach(
        (label, v) -> {
          String old = overwritten.get(roots.getOrDefault(v, v));
          if (old != null) {
            throw new IllegalStateException(
                "output '" + label + "': is the old value of '" + old + "', which is overwritten");
          }
        });
  }

  /** The nodes in the order of execution. */
  public List<Node> nodes() {
    return nodes;
  }

  /** The number of values; ids run from 0. */
  public int valueCount() {
    return types.size();
  }

  /** Shape and element type of a value. */
  public Type type(int value) {
    return types.get(value);
  }

  /** The named inputs and their value ids. */
  public Map<String, Integer> inputs() {
    return Collections.unmodifiableMap(inputs);
  }

  /** The variables and the ids of their values before the replay. */
  public Map<String, Integer> variables() {
    return Collections.unmodifiableMap(variables);
  }

  /** The named outputs and their value ids. */
  public Map<String, Integer> outputs() {
    return outputs;
  }

  /** One line a node: {@code %7:real[8, 3] = MatMul[…](%1, %2) # layers.0.attn}. */
  @Override
  public String toString() {
    StringBuilder s = new StringBuilder();
    for (Node n : nodes) {
      List<String> out = n.outputs().stream().map(v -> "%" + v + ":" + types.get(v)).toList();
      List<String> in = n.inputs().stream().map(v -> "%" + v).toList();
      s.append(String.join(", ", out)).append(" = ").append(n.op());
      s.append('(').append(String.join(", ", in)).append(')');
      s.append("  # ").append(n.phase().name().toLowerCase(java.util.Locale.ROOT));
      s.append(n.scope().isEmpty() ? "" : " " + n.scope()).append('\n');
    }
    outputs.forEach(
        (label, v) -> s.append("output ").append(label).append(" = %").append(v).append('\n'));
    return s.toString();
  }
}
