package io.manifoldmuon.linalg.engine;

import io.manifoldmuon.linalg.CounterRandom;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.graph.Align;
import io.manifoldmuon.linalg.graph.Binary;
import io.manifoldmuon.linalg.graph.Op;
import io.manifoldmuon.linalg.graph.Unary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Sizes at which engines share the work between threads or cut it into blocks, unevenly. */
final class LargeCases {
  private static final int MANY = 20_011;

  private LargeCases() {}

  static List<Case> all() {
    List<Case> cases = new ArrayList<>();
    elementwise(cases);
    repeatsAndSums(cases);
    products(cases);
    rows(cases);
    AttentionCases.attention(cases, 1, 200, 2, 8, 1);
    AttentionCases.attention(cases, 2, 129, 3, 5, 1);
    AttentionCases.attention(cases, 3, 64, 5, 33, 1);
    AttentionCases.rope(cases, 2, 200, 2, 32, 10000);
    routing(cases);
    UpdateCases.updates(cases, Shape.of(MANY));
    return cases;
  }

  private static void elementwise(List<Case> cases) {
    Shape many = Shape.of(MANY);
    for (Unary f : new Unary[] {Unary.EXP, Unary.SILU, Unary.GELU, Unary.SQUARE}) {
      ElementwiseCases.map(cases, f, many, Values.GAUSS);
    }
    ElementwiseCases.blends(cases, many);
    ElementwiseCases.maxAbs(cases, 0, many, Values.GAUSS);
    ElementwiseCases.maxAbs(cases, 1, Shape.of(3, 7001), Values.GAUSS);
    cases.add(Case.of(new Op.Fill(0.25, many), "" + many).build());
    cases.add(Case.of(new Op.GaussianNoise(3, many), "" + many).ints(Shape.scalar(), 11).build());
    cases.add(
        Case.of(new Op.Slice(7, Shape.of(MANY - 13)), "of " + many)
            .real(Values.GAUSS, many)
            .build());
    cases.add(
        Case.of(new Op.Concat(Shape.of(MANY + 13)), "of " + many + " and [13]")
            .real(Values.GAUSS, many)
            .real(Values.GAUSS, 13)
            .build());
    for (Binary f : new Binary[] {Binary.MUL, Binary.SUB}) {
      ElementwiseCases.zip(cases, f, many, many, Align.PREFIX);
      ElementwiseCases.zip(cases, f, many, Shape.scalar(), Align.PREFIX);
      ElementwiseCases.zip(cases, f, Shape.of(3, 7001), Shape.of(3), Align.PREFIX);
      ElementwiseCases.zip(cases, f, Shape.of(7001, 3), Shape.of(7001), Align.PREFIX);
      ElementwiseCases.zip(cases, f, Shape.of(3, 7001), Shape.of(7001), Align.SUFFIX);
      ElementwiseCases.zip(cases, f, Shape.of(7001, 3), Shape.of(3), Align.SUFFIX);
      ElementwiseCases.zip(cases, f, Shape.of(301, 67), Shape.of(67), Align.SUFFIX);
    }
  }

  private static void repeatsAndSums(List<Case> cases) {
    Shape wide = Shape.of(3, 7001);
    Shape tall = Shape.of(7001, 3);
    ElementwiseCases.repeatAndSum(cases, Shape.scalar(), Shape.of(MANY), Align.PREFIX);
    ElementwiseCases.repeatAndSum(cases, Shape.of(3), wide, Align.PREFIX);
    ElementwiseCases.repeatAndSum(cases, Shape.of(7001), tall, Align.PREFIX);
    ElementwiseCases.repeatAndSum(cases, Shape.of(7001), wide, Align.SUFFIX);
    ElementwiseCases.repeatAndSum(cases, Shape.of(3), tall, Align.SUFFIX);
    ElementwiseCases.repeatAndSum(cases, Shape.of(67), Shape.of(301, 67), Align.SUFFIX);
    ElementwiseCases.dot(cases, 0, Shape.of(MANY), Values.GAUSS);
    ElementwiseCases.dot(cases, 1, wide, Values.GAUSS);
    ElementwiseCases.dot(cases, 1, tall, Values.GAUSS);
  }

  private static void products(List<Case> cases) {
    for (boolean ta : new boolean[] {false, true}) {
      for (boolean tb : new boolean[] {false, true}) {
        cases.add(ProductCases.matMul(Shape.scalar(), 129, 257, 131, ta, tb, Values.GAUSS));
        cases.add(ProductCases.matMul(Shape.of(5), 65, 33, 67, ta, tb, Values.GAUSS));
      }
    }
    cases.add(ProductCases.matMul(Shape.scalar(), 1031, 13, 31, false, true, Values.GAUSS));
    cases.add(ProductCases.matMul(Shape.scalar(), 13, 1031, 31, true, false, Values.GAUSS));
    ProductCases.symmetric(cases, Shape.of(33, 257), Values.GAUSS);
    ProductCases.symmetric(cases, Shape.of(131, 129), Values.GAUSS);
    ProductCases.symmetric(cases, Shape.of(5, 67, 65), Values.GAUSS);
    ProductCases.square(cases, Shape.of(129, 129));
    ProductCases.square(cases, Shape.of(5, 67, 67));
    for (boolean transposeW : new boolean[] {false, true}) {
      ProductCases.groupedMatMul(cases, 33, 65, transposeW, 0, 300, 300, 811);
      ProductCases.groupedMatMul(cases, 17, 31, transposeW, 0, 1, 257, 769, 1031);
    }
    ProductCases.groupedOuter(cases, 33, 65, 0, 300, 300, 811);
    ProductCases.groupedOuter(cases, 523, 17, 0, 0, 67, 131);
    ProductCases.groupedOuter(cases, 17, 523, 0, 64, 131);
  }

  private static void rows(List<Case> cases) {
    RowCases.rmsNorm(cases, 701, 33, 1e-6, Values.GAUSS);
    RowCases.rmsNorm(cases, 3, 8209, 1e-6, Values.GAUSS);
    RowCases.softmax(cases, Shape.of(701, 33), Values.GAUSS);
    RowCases.softmax(cases, Shape.of(2, 9001), Values.GAUSS);
    LanguageCases.crossEntropy(cases, 301, 67, Values.GAUSS);
    LanguageCases.crossEntropy(cases, 3, 9001, Values.GAUSS);
    LanguageCases.embedding(cases, 53, 33, Shape.of(701), random(701, 53));
    LanguageCases.embedding(cases, 1009, 33, Shape.of(7, 3), random(21, 1009));
  }

  private static void routing(List<Case> cases) {
    RoutingCases.topK(cases, 3001, 7, 2, Values.SEPARATED);
    RoutingCases.topK(cases, 3001, 7, 2, Values.TIED);
    RoutingCases.columns(cases, 3001, 7, 2);
    cases.add(RoutingCases.dispatch(8, Shape.of(3001, 2), random(6002, 8)));
    RoutingCases.tokens(cases, 701, 2, 33);
    RoutingCases.tokens(cases, 67, 3, 301);
  }

  private static int[] random(int count, int bound) {
    int[] x = new int[count];
    Arrays.setAll(x, i -> (int) CounterRandom.below(bound, 8, count, i));
    return x;
  }
}
