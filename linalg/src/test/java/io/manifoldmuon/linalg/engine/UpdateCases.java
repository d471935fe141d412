package io.manifoldmuon.linalg.engine;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.graph.Op;
import io.manifoldmuon.linalg.graph.Type;
import java.util.ArrayList;
import java.util.List;

/**
 * Optimizer steps and assignment; what these do over several replays is {@link StateContract}'s and
 * {@link AssignmentContract}'s.
 */
final class UpdateCases {
  private UpdateCases() {}

  static List<Case> all() {
    List<Case> cases = new ArrayList<>();
    for (Shape s : new Shape[] {Shape.scalar(), Shape.of(7), Shape.of(3, 5, 7), Shape.of(65)}) {
      updates(cases, s);
    }
    return cases;
  }

  static void updates(List<Case> cases, Shape s) {
    adamW(cases, s, 1, 0.01, 0.999, 0);
    adamW(cases, s, 2, 3e-3, 0.95, 0.1);
    adamW(cases, s, 1000, 0.1, 0.99, 0.01);
    String label = "assigned " + s;
    cases.add(
        Case.of(new Op.Assign(label), "" + s)
            .real(Values.GAUSS, s)
            .recipe(
                (g, in) -> {
                  g.variable(label, Type.real(s));
                  return List.of(g.assign(label, g.scale(in.get(0), 3)));
                })
            .functional(0)
            .build());
  }

  private static void adamW(
      List<Case> cases, Shape s, int t, double lr, double beta2, double decay) {
    cases.add(
        Case.of(new Op.AdamW(), s + " step " + t)
            .real(Values.GAUSS, s)
            .real(Values.AWAY, s)
            .real(Values.GAUSS, s)
            .real(Values.POSITIVE, s)
            .scalar(0.25)
            .scalar(lr)
            .scalar(0.9)
            .scalar(beta2)
            .scalar(1e-8)
            .scalar(decay)
            .scalar(t)
            .functional(0)
            .build());
  }
}
