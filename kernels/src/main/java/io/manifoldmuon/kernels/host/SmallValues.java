package io.manifoldmuon.kernels.host;

import io.manifoldmuon.linalg.DType;
import io.manifoldmuon.linalg.engine.StoragePlan;
import io.manifoldmuon.linalg.engine.StoragePlan.Kind;
import io.manifoldmuon.linalg.graph.Graph;
import io.manifoldmuon.linalg.graph.Node;
import io.manifoldmuon.linalg.graph.Op;
import java.util.HashSet;
import java.util.Set;
import java.util.function.ToIntFunction;

/**
 * Which values lie in the pool that {@link SmallLaunches} computes on: of few elements, made by ops
 * that are steps, and never made by a kernel of its own that reads the pool too, which TornadoVM
 * would get the same array twice. Steps may read values that lie elsewhere, if these are not large.
 */
final class SmallValues {
  /** The elements that a small value has at most. */
  static final int MOST = 1024;

  private final Graph graph;
  private final StoragePlan plan;
  private final ToIntFunction<Node> scratch;
  private final int mostRead;
  private final Set<Object> roots = new HashSet<>();

  /**
   * Chooses the values of a graph.
   *
   * @param scratch the elements of scratch memory that a node needs
   * @param mostRead the elements of a value elsewhere that steps read at most, 0 for none
   */
  SmallValues(Graph graph, StoragePlan plan, ToIntFunction<Node> scratch, int mostRead) {
    this.graph = graph;
    this.plan = plan;
    this.scratch = scratch;
    this.mostRead = mostRead;
    for (int v = 0; v < graph.valueCount(); v++) {
      if (graph.type(v).dtype() == DType.REAL && isMade(v) && plan.rootSize(v) <= MOST) {
        roots.add(plan.place(v).root());
      }
    }
    while (roots.removeAll(unfit())) {
      // what reads a value that is out now may be out, too
    }
  }

  private boolean isMade(int value) {
    Kind kind = plan.place(value).kind();
    return kind == Kind.TRANSIENT || kind == Kind.OUTPUT;
  }

  private Set<Object> unfit() {
    Set<Object> unfit = new HashSet<>();
    for (Node n : graph.nodes()) {
      if (!isView(n) && !fits(n)) {
        n.outputs().forEach(v -> unfit.add(plan.place(v).root()));
      }
    }
    return unfit;
  }

  private static boolean isView(Node n) {
    return n.op() instanceof Op.Reshape || n.op() instanceof Op.Slice;
  }

  private boolean fits(Node n) {
    boolean reads = n.inputs().stream().anyMatch(this::contains);
    boolean everywhere = n.inputs().stream().allMatch(this::isRead);
    return isSteps(n.op()) && (!reads || (everywhere && scratch.applyAsInt(n) == 0));
  }

  /** Whether all launches of an op are steps as well. */
  private static boolean isSteps(Op op) {
    return switch (op) {
      case Op.Map _, Op.MapBackward _, Op.Zip _, Op.Lerp _, Op.Expand _, Op.Concat _ -> true;
      case Op.Sum _, Op.Dot _, Op.MaxAbs _ -> true;
      case Op.WeightedSum o -> o.d() == 0;
      default -> false;
    };
  }

  /** Whether a value is made in the pool. */
  boolean contains(int value) {
    return isMade(value) && roots.contains(plan.place(value).root());
  }

  /** Whether a step can read a value, wherever it lies. */
  private boolean isRead(int value) {
    return isPooled(value)
        || (graph.type(value).dtype() == DType.REAL
            && graph.type(value).shape().size() <= mostRead);
  }

  /** Whether a value lies where steps always can read it. */
  boolean isPooled(int value) {
    return contains(value) || isInput(value) || isConstant(value);
  }

  /** Whether a value is an input of the pool of inputs. */
  boolean isInput(int value) {
    return plan.place(value).kind() == Kind.INPUT && isSmall(value);
  }

  /** Whether a value is a constant of the pool of constants. */
  boolean isConstant(int value) {
    return plan.place(value).kind() == Kind.CONSTANT && isSmall(value);
  }

  private boolean isSmall(int value) {
    return graph.type(value).dtype() == DType.REAL && plan.rootSize(value) <= MOST;
  }
}
