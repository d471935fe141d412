package io.manifoldmuon.linalg.engine;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.graph.Op;
import io.manifoldmuon.linalg.graph.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Matrix products: plain, stacked, grouped by expert. */
final class ProductCases {
  private ProductCases() {}

  static List<Case> all() {
    List<Case> cases = new ArrayList<>();
    int[][] sizes = {
      {1, 1, 1},
      {3, 5, 7},
      {1, 13, 1},
      {7, 1, 5},
      {13, 31, 5},
      {1, 64, 17},
      {65, 1, 3},
      {15, 17, 16},
      {97, 2, 11},
      {2, 96, 3},
      {65, 63, 64}
    };
    for (int[] s : sizes) {
      for (int transposes = 0; transposes < 4; transposes++) {
        boolean ta = (transposes & 1) != 0;
        boolean tb = (transposes & 2) != 0;
        cases.add(matMul(Shape.scalar(), s[0], s[1], s[2], ta, tb, Values.GAUSS));
        if (s[0] < 16) {
          cases.add(matMul(Shape.of(3), s[0], s[1], s[2], ta, tb, Values.GAUSS));
        }
      }
    }
    cases.add(matMul(Shape.of(2, 3), 3, 5, 7, false, true, Values.GAUSS));
    cases.add(matMul(Shape.scalar(), 13, 31, 5, false, true, Values.LARGE));
    cases.add(matMul(Shape.scalar(), 13, 31, 5, true, false, Values.SMALL));
    gram(cases, Shape.of(5, 13));
    gram(cases, Shape.of(3, 31, 7));
    for (int[] s : sizes) {
      symmetric(cases, Shape.of(s[0], s[1]), Values.GAUSS);
    }
    for (int n : new int[] {1, 2, 13, 17, 65, 130}) {
      triangle(cases, Shape.of(n, n), Shape.of(n, n));
      triangle(cases, Shape.of(3, n, 5), Shape.of(3, 5, n));
    }
    symmetric(cases, Shape.of(3, 13, 5), Values.GAUSS);
    symmetric(cases, Shape.of(2, 3, 5, 7), Values.GAUSS);
    symmetric(cases, Shape.of(17, 31), Values.LARGE);
    symmetric(cases, Shape.of(31, 17), Values.SMALL);
    for (int n : new int[] {1, 2, 13, 16, 17, 31, 65}) {
      square(cases, Shape.of(n, n));
      square(cases, Shape.of(3, n, n));
    }
    for (boolean transposeW : new boolean[] {false, true}) {
      groupedMatMul(cases, 1, 1, transposeW, 0, 1);
      groupedMatMul(cases, 5, 7, transposeW, 0, 13);
      groupedMatMul(cases, 7, 3, transposeW, 0, 5, 6, 13);
      groupedMatMul(cases, 13, 5, transposeW, 0, 0, 5, 5, 12, 12);
      groupedMatMul(cases, 3, 17, transposeW, 0, 0, 7, 7);
      groupedMatMul(cases, 31, 33, transposeW, 0, 17, 17, 65);
    }
    groupedOuter(cases, 1, 1, 0, 1);
    groupedOuter(cases, 5, 7, 0, 13);
    groupedOuter(cases, 13, 5, 0, 0, 5, 5, 12, 12);
    groupedOuter(cases, 3, 17, 0, 0, 7, 7);
    groupedOuter(cases, 31, 33, 0, 17, 17, 65);
    return cases;
  }

  static Case matMul(Shape stack, int m, int k, int n, boolean ta, boolean tb, Values values) {
    String label =
        "%s of %s%dx%dx%d%s%s"
            .formatted(
                values,
                stack.rank() == 0 ? "" : stack + " ",
                m,
                k,
                n,
                ta ? " Aᵀ" : "",
                tb ? " Bᵀ" : "");
    return Case.of(new Op.MatMul(ta, tb), label)
        .real(values, ta ? stack.append(k, m) : stack.append(m, k))
        .real(values, tb ? stack.append(n, k) : stack.append(k, n))
        .build();
  }

  /** Both operands are one value. */
  private static void gram(List<Case> cases, Shape s) {
    for (boolean left : new boolean[] {false, true}) {
      cases.add(
          Case.of(new Op.MatMul(left, !left), (left ? "AᵀA " : "AAᵀ ") + s)
              .real(Values.GAUSS, s)
              .recipe(
                  (g, in) -> {
                    Value x = in.get(0);
                    return List.of(g.matMul(x, x, left, !left));
                  })
              .build());
    }
  }

  /** XᵀX and XXᵀ. */
  static void symmetric(List<Case> cases, Shape s, Values values) {
    for (boolean rows : new boolean[] {false, true}) {
      String label = "%s of %s%s".formatted(values, s, rows ? " by rows" : "");
      cases.add(Case.of(new Op.Gram(rows), label).real(values, s).build());
    }
  }

  /** Of operands whose product is not symmetric, so that the upper triangle shows. */
  private static void triangle(List<Case> cases, Shape a, Shape b) {
    cases.add(
        Case.of(new Op.SymmetricMatMul(), a + " " + b)
            .real(Values.GAUSS, a)
            .real(Values.GAUSS, b)
            .functional(0)
            .build());
  }

  /** Sums with the transpose and with the identity. */
  static void square(List<Case> cases, Shape s) {
    double[][] weights = {{0.5, 0.5}, {0.5, -0.5}, {0, 1}, {-1.25, 3}};
    for (double[] w : weights) {
      cases.add(
          Case.of(new Op.AddTransposed(w[0], w[1]), w[0] + " " + w[1] + " " + s)
              .real(Values.GAUSS, s)
              .build());
      cases.add(
          Case.of(new Op.WeightedSum(w[0], w[1], -0.75), w[0] + " " + w[1] + " diagonal " + s)
              .real(Values.GAUSS, s)
              .real(Values.GAUSS, s)
              .build());
    }
  }

  static void groupedMatMul(List<Case> cases, int k, int n, boolean transposeW, int... offsets) {
    int experts = offsets.length - 1;
    String label =
        "%d to %d%s, rows %s".formatted(k, n, transposeW ? " Wᵀ" : "", Arrays.toString(offsets));
    cases.add(
        Case.of(new Op.GroupedMatMul(transposeW), label)
            .real(Values.GAUSS, offsets[experts], k)
            .real(Values.GAUSS, experts, transposeW ? n : k, transposeW ? k : n)
            .ints(Shape.of(experts + 1), offsets)
            .build());
  }

  static void groupedOuter(List<Case> cases, int m, int n, int... offsets) {
    int experts = offsets.length - 1;
    cases.add(
        Case.of(new Op.GroupedOuter(experts), m + " by " + n + " rows " + Arrays.toString(offsets))
            .real(Values.GAUSS, offsets[experts], m)
            .real(Values.GAUSS, offsets[experts], n)
            .ints(Shape.of(experts + 1), offsets)
            .build());
  }
}
