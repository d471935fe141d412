package io.manifoldmuon.linalg.engine;

import io.manifoldmuon.linalg.CounterRandom;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.graph.Op;
import io.manifoldmuon.linalg.graph.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Embedding and cross-entropy. */
final class LanguageCases {
  private LanguageCases() {}

  static List<Case> all() {
    List<Case> cases = new ArrayList<>();
    embedding(cases, 1, 1, Shape.scalar(), 0);
    embedding(cases, 1, 3, Shape.of(7), 0, 0, 0, 0, 0, 0, 0);
    embedding(cases, 5, 1, Shape.of(3), 4, 0, 2);
    embedding(cases, 7, 13, Shape.of(2, 3), 6, 6, 0, 3, 6, 1);
    embedding(cases, 31, 65, Shape.of(17), random(17, 31));
    embedding(cases, 3, 16, Shape.of(5, 13), random(65, 3));
    crossEntropy(cases, 1, 1, Values.GAUSS);
    crossEntropy(cases, 1, 7, Values.GAUSS);
    crossEntropy(cases, 5, 3, Values.GAUSS);
    crossEntropy(cases, 13, 31, Values.GAUSS);
    crossEntropy(cases, 65, 64, Values.GAUSS);
    crossEntropy(cases, 3, 257, Values.GAUSS);
    crossEntropy(cases, 7, 13, Values.LARGE);
    return cases;
  }

  private static int[] random(int count, int bound) {
    int[] ids = new int[count];
    Arrays.setAll(ids, i -> (int) CounterRandom.below(bound, 3, 0, i));
    return ids;
  }

  static void embedding(List<Case> cases, int v, int d, Shape shape, int... ids) {
    String label = v + " rows of " + d + ", ids " + shape;
    cases.add(Case.of(new Op.Embedding(), label).real(Values.GAUSS, v, d).ints(shape, ids).build());
    cases.add(
        Case.of(new Op.EmbeddingBackward(v), label)
            .real(Values.GAUSS, shape.append(d))
            .ints(shape, ids)
            .functional(0)
            .build());
  }

  static void crossEntropy(List<Case> cases, int n, int v, Values values) {
    String label = values + " [" + n + ", " + v + "]";
    cases.add(
        Case.of(new Op.CrossEntropy(), label)
            .real(values, n, v)
            .ints(Shape.of(n), random(n, v))
            .functional(1)
            .build());
    cases.add(
        Case.of(new Op.CrossEntropyBackward(), label)
            .real(values, n, v)
            .ints(Shape.of(n), random(n, v))
            .real(Values.GAUSS, n)
            .recipe(
                (g, in) -> {
                  Value lse = g.logSumExp(in.get(0));
                  return g.record(
                      new Op.CrossEntropyBackward(), in.get(0), lse, in.get(1), in.get(2));
                })
            .functional(0)
            .build());
  }
}
