package io.manifoldmuon.kernels.host;

import io.manifoldmuon.kernels.device.TensorProducts;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.graph.Graph;
import io.manifoldmuon.linalg.graph.Node;
import io.manifoldmuon.linalg.graph.Op;
import io.manifoldmuon.linalg.graph.Unary;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;

/**
 * The products of a graph that tensor cores make: those of operands rounded to bfloat16. Their
 * launches round and pack what they read. So a rounded value that only they read is a view of what
 * is rounded, and costs nothing.
 *
 * @param graph the graph with these views
 * @param products their nodes
 */
record TensorCores(Graph graph, Set<Node> products) {
  private static final Op ROUND = new Op.Map(Unary.ROUND_BFLOAT16);

  /** Where TornadoVM's account of a CUDA device has its compute capability. */
  private static final Pattern CAPABILITY = Pattern.compile("Device version\\s*: CUDA (\\d+)\\.");

  /** The least capability with bfloat16 products. */
  private static final int AMPERE = 8;

  TensorCores {
    products = Set.copyOf(products);
  }

  /** Whether a device has tensor cores that multiply bfloat16 numbers. */
  static boolean isOn(TornadoDevice device) {
    return device.getTornadoVMBackend() == TornadoVMBackendType.CUDA
        && areIn(device.getPhysicalDevice().getDeviceInfo());
  }

  /** Whether TornadoVM's account of a CUDA device says so. */
  static boolean areIn(String deviceInfo) {
    Matcher m = CAPABILITY.matcher(deviceInfo);
    return m.find() && Integer.parseInt(m.group(1)) >= AMPERE;
  }

  /** No products: for other devices. */
  static TensorCores none(Graph graph) {
    return new TensorCores(graph, Set.of());
  }

  /** Finds the products of a graph. */
  static TensorCores of(Graph graph) {
    Map<Integer, Integer> rounding = new HashMap<>();
    Map<Integer, List<Node>> readers = new HashMap<>();
    Set<Node> products = new HashSet<>();
    for (int i = 0; i < graph.nodes().size(); i++) {
      Node n = graph.nodes().get(i);
      if (n.op().equals(ROUND)) {
        rounding.put(n.outputs().getFirst(), i);
      } else if (isProduct(graph, n) && rounding.keySet().containsAll(n.inputs())) {
        products.add(n);
      }
      for (int v : n.inputs()) {
        readers.computeIfAbsent(v, _ -> new ArrayList<>()).add(n);
      }
    }
    Set<Integer> changing = changing(graph);
    Map<Integer, Op> views = new HashMap<>();
    rounding.forEach(
        (v, node) -> {
          boolean inside =
              products.containsAll(readers.getOrDefault(v, List.of()))
                  && !graph.outputs().containsValue(v)
                  && !changing.contains(v);
          if (inside) {
            views.put(node, new Op.Reshape(graph.type(v).shape()));
          }
        });
    return new TensorCores(graph.with(views), products);
  }

  private static boolean isProduct(Graph graph, Node n) {
    return switch (n.op()) {
      case Op.MatMul _, Op.Gram _, Op.SymmetricMatMul _ -> {
        Shape y = graph.type(n.outputs().getFirst()).shape();
        yield y.dim(-2) % TensorProducts.ROWS == 0 && y.dim(-1) % TensorProducts.COLUMNS == 0;
      }
      default -> false;
    };
  }

  /** The values that would show a variable whose content is replaced, were they views. */
  private static Set<Integer> changing(Graph graph) {
    Set<Integer> changing = new HashSet<>();
    for (Node n : graph.nodes()) {
      if (n.op() instanceof Op.Assign) {
        changing.add(n.inputs().getFirst());
      }
    }
    for (Node n : graph.nodes()) {
      boolean view =
          n.op() instanceof Op.Reshape || n.op() instanceof Op.Slice || n.op().equals(ROUND);
      if (view && changing.contains(n.inputs().getFirst())) {
        changing.add(n.outputs().getFirst());
      }
    }
    return changing;
  }
}
