package io.manifoldmuon.linalg.engine;

import io.manifoldmuon.linalg.graph.Op;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Every op at its sizes: what an engine is driven through. */
final class CaseTable {
  private static final int SMALL = 10_000;

  private CaseTable() {}

  static List<Case> all() {
    List<Case> all = new ArrayList<>();
    all.addAll(LayoutCases.all());
    all.addAll(ElementwiseCases.all());
    all.addAll(ProductCases.all());
    all.addAll(SingularCases.all());
    all.addAll(RowCases.all());
    all.addAll(LanguageCases.all());
    all.addAll(AttentionCases.all());
    all.addAll(RoutingCases.all());
    all.addAll(UpdateCases.all());
    all.addAll(ModelCases.all());
    all.addAll(LargeCases.all());
    return all;
  }

  /**
   * Of each op, and each function of elements, the case with the most elements that is still small.
   */
  static Collection<Case> oneOfEachOp() {
    Map<Object, Case> chosen = new LinkedHashMap<>();
    for (Case c : all()) {
      if (elements(c) <= SMALL) {
        chosen.merge(kind(c.op()), c, (a, b) -> elements(b) > elements(a) ? b : a);
      }
    }
    return chosen.values();
  }

  /** Functions of elements are kinds of their own. */
  private static Object kind(Op op) {
    return op instanceof Op.Map || op instanceof Op.MapBackward || op instanceof Op.Zip
        ? op
        : op.getClass();
  }

  private static int elements(Case c) {
    return c.operands().stream().mapToInt(o -> o.type().shape().size()).sum();
  }

  /** The cases with a gradient. */
  static List<Case> differentiable() {
    return all().stream().filter(c -> c.functionalOutputs() > 0 && !c.varying().isEmpty()).toList();
  }
}
