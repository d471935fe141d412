package io.manifoldmuon.linalg.engine;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.graph.Op;
import java.util.ArrayList;
import java.util.List;

/** Normalisations of rows. */
final class RowCases {
  private RowCases() {}

  static List<Case> all() {
    List<Case> cases = new ArrayList<>();
    rmsNorm(cases, 1, 1, 0.5, Values.GAUSS);
    rmsNorm(cases, 1, 1, 1e-6, Values.AWAY);
    rmsNorm(cases, 1, 5, 1e-6, Values.GAUSS);
    rmsNorm(cases, 7, 3, 1e-6, Values.GAUSS);
    rmsNorm(cases, 13, 31, 1e-5, Values.GAUSS);
    rmsNorm(cases, 17, 64, 1e-6, Values.GAUSS);
    rmsNorm(cases, 3, 65, 1e-6, Values.LARGE);
    rmsNorm(cases, 3, 65, 1e-6, Values.SMALL);
    rmsNorm(cases, 67, 16, 1e-6, Values.GAUSS);
    Shape[] shapes = {
      Shape.of(1),
      Shape.of(7),
      Shape.of(5, 1),
      Shape.of(1, 13),
      Shape.of(13, 5),
      Shape.of(2, 3, 31),
      Shape.of(4, 65),
      Shape.of(65, 4)
    };
    for (Shape s : shapes) {
      softmax(cases, s, Values.GAUSS);
    }
    softmax(cases, Shape.of(5, 13), Values.LARGE);
    softmax(cases, Shape.of(5, 13), Values.SMALL);
    return cases;
  }

  static void rmsNorm(List<Case> cases, int n, int d, double epsilon, Values values) {
    String label = values + " [" + n + ", " + d + "] ε " + epsilon;
    cases.add(
        Case.of(new Op.RmsNorm(epsilon), label).real(values, n, d).real(Values.GAUSS, d).build());
    cases.add(
        Case.of(new Op.RmsNormBackward(epsilon), label)
            .real(Values.GAUSS, n, d)
            .real(values, n, d)
            .real(Values.GAUSS, d)
            .functional(0)
            .build());
  }

  static void softmax(List<Case> cases, Shape s, Values values) {
    String label = values + " " + s;
    cases.add(Case.of(new Op.Softmax(), label).real(values, s).build());
    cases.add(Case.of(new Op.LogSumExp(), label).real(values, s).build());
    cases.add(
        Case.of(new Op.SoftmaxBackward(), label)
            .real(Values.GAUSS, s)
            .real(values, s)
            .recipe((g, in) -> g.record(new Op.SoftmaxBackward(), in.get(0), g.softmax(in.get(1))))
            .functional(0)
            .build());
  }
}
