package io.manifoldmuon.linalg.engine;

import java.util.ArrayList;
import java.util.List;

/** Every op at its sizes: what an engine is driven through. */
final class CaseTable {
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

  /** The cases with a gradient. */
  static List<Case> differentiable() {
    return all().stream().filter(c -> c.functionalOutputs() > 0 && !c.varying().isEmpty()).toList();
  }
}
