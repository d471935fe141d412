package io.manifoldmuon.linalg.engine;

import io.manifoldmuon.linalg.DType;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.graph.Op;
import io.manifoldmuon.linalg.graph.Value;
import java.util.ArrayList;
import java.util.List;

/** Leaves, constants, noise, and ops that only move elements. */
final class LayoutCases {
  private LayoutCases() {}

  static List<Case> all() {
    List<Case> cases = new ArrayList<>();
    leaves(cases);
    views(cases);
    concatenations(cases);
    return cases;
  }

  private static void leaves(List<Case> cases) {
    for (int[] dims : new int[][] {{}, {1}, {13}, {3, 5, 7}}) {
      Shape s = Shape.of(dims);
      // the operand itself: an input in one graph of the case, a variable in the other
      Op input = new Op.Input("in0", s, DType.REAL);
      cases.add(Case.of(input, "" + s).real(Values.GAUSS, s).recipe((_, in) -> in).build());
      Op variable = new Op.Variable("in0", s, DType.REAL);
      cases.add(Case.of(variable, "" + s).real(Values.GAUSS, s).recipe((_, in) -> in).build());
      for (double value : new double[] {0, 1, -2.5, 0.1, 1e-20}) {
        cases.add(Case.of(new Op.Fill(value, s), value + " " + s).build());
      }
    }
    cases.add(noise(0, 1, 3));
    cases.add(noise(5, -7, 31));
    cases.add(noise(1, Integer.MAX_VALUE, 13, 5));
    cases.add(noise(2, Integer.MIN_VALUE, 1025));
  }

  private static Case noise(int stream, int seed, int... dims) {
    Shape s = Shape.of(dims);
    return Case.of(new Op.GaussianNoise(stream, s), s + " of " + seed + " in stream " + stream)
        .ints(Shape.scalar(), seed)
        .build();
  }

  private static void views(List<Case> cases) {
    cases.add(Case.of(new Op.Reshape(Shape.scalar()), "[1]").real(Values.GAUSS, 1).build());
    cases.add(
        Case.of(new Op.Reshape(Shape.of(7, 15)), "[3, 5, 7]").real(Values.GAUSS, 3, 5, 7).build());
    cases.add(
        Case.of(new Op.Reshape(Shape.of(2, 3)), "int [6]")
            .ints(Shape.of(6), 5, 0, -3, 2, 1, 9)
            .build());
    cases.add(Case.of(new Op.Slice(0, Shape.of(1)), "first of [1]").real(Values.GAUSS, 1).build());
    cases.add(
        Case.of(new Op.Slice(0, Shape.of(3)), "first of [13]").real(Values.GAUSS, 13).build());
    cases.add(
        Case.of(new Op.Slice(12, Shape.scalar()), "last of [13]").real(Values.GAUSS, 13).build());
    cases.add(
        Case.of(new Op.Slice(4, Shape.of(7)), "middle of [13]").real(Values.GAUSS, 13).build());
    cases.add(
        Case.of(new Op.Slice(35, Shape.of(5, 7)), "second of [3, 5, 7]")
            .real(Values.GAUSS, 3, 5, 7)
            .build());
    cases.add(
        Case.of(new Op.Slice(1, Shape.of(2, 2)), "int [6]")
            .ints(Shape.of(6), 5, 0, -3, 2, 1, 9)
            .build());
    cases.add(overlappingSlices());
    cases.add(sliceThatIsComputedWith());
  }

  private static Case overlappingSlices() {
    return Case.of(new Op.Slice(2, Shape.of(7)), "overlapping, of [3, 5]")
        .real(Values.GAUSS, 3, 5)
        .recipe(
            (g, in) -> {
              Value a = g.slice(in.get(0), 2, 7);
              Value b = g.slice(in.get(0), 5, 7);
              return List.of(a, b, g.mul(a, b), g.slice(in.get(0), 2, 7));
            })
        .build();
  }

  /** Views of a computed value at offsets that are no multiple of a vector's length. */
  private static Case sliceThatIsComputedWith() {
    return Case.of(new Op.Slice(3, Shape.of(5, 7)), "of a product, into a product")
        .real(Values.GAUSS, 13, 3)
        .real(Values.GAUSS, 3, 5)
        .real(Values.GAUSS, 7, 2)
        .recipe(
            (g, in) -> {
              Value c = g.matMul(in.get(0), in.get(1));
              return List.of(g.matMul(g.slice(c, 3, 5, 7), in.get(2)));
            })
        .build();
  }

  private static void concatenations(List<Case> cases) {
    cases.add(Case.of(new Op.Concat(Shape.of(3, 1)), "of one").real(Values.GAUSS, 3).build());
    cases.add(
        Case.of(new Op.Concat(Shape.of(2)), "of scalars")
            .real(Values.GAUSS)
            .real(Values.GAUSS)
            .build());
    cases.add(
        Case.of(new Op.Concat(Shape.of(3, 7)), "of [7], [1] and [13]")
            .real(Values.GAUSS, 7)
            .real(Values.GAUSS, 1)
            .real(Values.GAUSS, 13)
            .build());
    cases.add(
        Case.of(new Op.Concat(Shape.of(3, 2, 5)), "of one value twice and a constant")
            .real(Values.GAUSS, 2, 5)
            .recipe(
                (g, in) -> {
                  Value zero = g.fill(0, Shape.of(10));
                  return List.of(g.concat(List.of(in.get(0), zero, in.get(0)), Shape.of(3, 2, 5)));
                })
            .build());
    cases.add(
        Case.of(new Op.Concat(Shape.of(17)), "of slices of one value, and the value")
            .real(Values.GAUSS, 13)
            .recipe(
                (g, in) -> {
                  Value x = g.scale(in.get(0), 2);
                  Value y = g.concat(List.of(g.slice(x, 9, 4), g.slice(x, 0, 13)), Shape.of(17));
                  return List.of(y, x);
                })
            .build());
  }
}
