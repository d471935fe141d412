package io.manifoldmuon.linalg.engine;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Op;
import io.manifoldmuon.linalg.graph.Value;
import java.util.ArrayList;
import java.util.List;

/**
 * Singular value decompositions. An engine chooses the signs of U and V, and their directions where
 * singular values repeat, so the outputs compared are those that do not depend on the choice: σ,
 * U·diag(σ)·Vᵀ, UᵀU and VᵀV.
 */
final class SingularCases {
  private SingularCases() {}

  static List<Case> all() {
    List<Case> cases = new ArrayList<>();
    int[][] sizes = {
      {1, 1}, {1, 7}, {7, 1}, {2, 2}, {5, 3}, {3, 5}, {13, 13}, {31, 7}, {7, 31}, {97, 2}, {65, 63}
    };
    for (int[] s : sizes) {
      cases.add(svd(Shape.of(s), Values.GAUSS));
    }
    cases.add(svd(Shape.of(5, 13, 7), Values.GAUSS));
    cases.add(svd(Shape.of(2, 3, 7, 13), Values.GAUSS));
    cases.add(svd(Shape.of(3, 1, 1), Values.GAUSS));
    cases.add(svd(Shape.of(17, 31), Values.LARGE));
    cases.add(svd(Shape.of(31, 17), Values.SMALL));
    cases.add(svd(Shape.of(3, 130, 67), Values.GAUSS));
    cases.add(svd(Shape.of(67, 257), Values.GAUSS));
    for (int[] s : new int[][] {{13, 7, 2}, {7, 13, 2}, {31, 31, 5}, {65, 33, 1}}) {
      cases.add(ofRank(s[2], s[0], s[1]));
    }
    for (int[] s : new int[][] {{1, 1}, {5, 3}, {3, 5}, {17, 17}}) {
      cases.add(ofZero(Shape.of(2, s[0], s[1])));
    }
    cases.add(withRepeats(Shape.of(13, 13)));
    return cases;
  }

  private static Case svd(Shape s, Values values) {
    return Case.of(new Op.Svd(), "%s of %s".formatted(values, s))
        .real(values, s)
        .recipe((g, in) -> properties(g, in.getFirst()))
        .functional(0)
        .build();
  }

  private static Case ofRank(int rank, int m, int n) {
    return Case.of(new Op.Svd(), "rank %d of [%d, %d]".formatted(rank, m, n))
        .real(Values.GAUSS, m, rank)
        .real(Values.GAUSS, n, rank)
        .recipe((g, in) -> properties(g, g.matMulNT(in.get(0), in.get(1))))
        .functional(0)
        .build();
  }

  private static Case ofZero(Shape s) {
    return Case.of(new Op.Svd(), "zero of " + s)
        .recipe((g, _) -> properties(g, g.fill(0, s)))
        .functional(0)
        .build();
  }

  /** 3·I: every singular value is the same. */
  private static Case withRepeats(Shape s) {
    return Case.of(new Op.Svd(), "repeated of " + s)
        .recipe((g, _) -> properties(g, diagonal(g, g.fill(3, Shape.of(s.dim(0))))))
        .functional(0)
        .build();
  }

  private static List<Value> properties(GraphBuilder g, Value X) {
    GraphBuilder.Svd svd = g.svd(X);
    Value product = g.matMul(svd.U(), diagonal(g, svd.sigma()));
    return List.of(
        svd.sigma(), g.matMulNT(product, svd.V()), g.gram(svd.U(), false), g.gram(svd.V(), false));
  }

  private static Value diagonal(GraphBuilder g, Value d) {
    Value zero = g.fill(0, d.shape().append(d.shape().dim(-1)));
    return g.mul(g.weightedSum(0, zero, 0, zero, 1), d);
  }
}
