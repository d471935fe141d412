package io.manifoldmuon.linalg.engine;

import io.manifoldmuon.linalg.CounterRandom;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.graph.Op;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Choosing experts and moving token rows. */
final class RoutingCases {
  private RoutingCases() {}

  static List<Case> all() {
    List<Case> cases = new ArrayList<>();
    int[][] topK = {
      {1, 1, 1}, {1, 5, 2}, {7, 3, 3}, {13, 4, 2}, {31, 8, 2}, {3, 65, 7}, {65, 2, 1}, {5, 31, 31}
    };
    for (int[] s : topK) {
      topK(cases, s[0], s[1], s[2], Values.SEPARATED);
      topK(cases, s[0], s[1], s[2], Values.TIED);
      columns(cases, s[0], s[1], s[2]);
      String label = s[0] + " tokens to " + s[2] + " of " + s[1];
      cases.add(Case.of(new Op.RoundRobin(s[0], s[2], s[1]), label).build());
    }
    cases.add(
        Case.of(new Op.TopK(2), "of equal scores")
            .recipe((g, _) -> List.of(g.topK(g.fill(1, Shape.of(5, 7)), 2)))
            .build());
    cases.addAll(dispatches());
    counts(cases, 0, 1);
    counts(cases, 0, 0, 5, 5, 12, 12);
    counts(cases, 0, 0, 0, 7);
    for (int[] s :
        new int[][] {{1, 1, 1}, {1, 3, 5}, {5, 1, 3}, {7, 2, 13}, {13, 4, 65}, {33, 2, 16}}) {
      tokens(cases, s[0], s[1], s[2]);
    }
    return cases;
  }

  static void topK(List<Case> cases, int n, int e, int k, Values values) {
    cases.add(
        Case.of(new Op.TopK(k), values + " [" + n + ", " + e + "] best " + k)
            .fixed(values, n, e)
            .build());
  }

  /** Some columns of each row; a column may be taken twice. */
  static void columns(List<Case> cases, int n, int e, int k) {
    String label = k + " of [" + n + ", " + e + "]";
    Shape s = Shape.of(n, k);
    int[] index = random(n * k, e);
    cases.add(Case.of(new Op.TakeColumns(), label).real(Values.GAUSS, n, e).ints(s, index).build());
    cases.add(
        Case.of(new Op.TakeColumnsBackward(e), label)
            .real(Values.GAUSS, s)
            .ints(s, index)
            .functional(0)
            .build());
  }

  private static List<Case> dispatches() {
    int[] toOne = new int[14];
    Arrays.fill(toOne, 2);
    return List.of(
        dispatch(1, Shape.of(1, 1), 0),
        dispatch(1, Shape.of(5, 1), 0, 0, 0, 0, 0),
        dispatch(4, Shape.of(1, 3), 3, 0, 2),
        dispatch(5, Shape.of(7, 2), toOne),
        dispatch(5, Shape.of(3, 2), 4, 1, 1, 4, 4, 1),
        dispatch(8, Shape.of(65, 2), random(130, 8)),
        dispatch(31, Shape.of(13, 3), random(39, 31)));
  }

  static Case dispatch(int experts, Shape shape, int... index) {
    return Case.of(new Op.Dispatch(experts), shape + " to " + experts).ints(shape, index).build();
  }

  private static void counts(List<Case> cases, int... offsets) {
    cases.add(
        Case.of(new Op.Counts(), Arrays.toString(offsets))
            .ints(Shape.of(offsets.length), offsets)
            .functional(0)
            .build());
  }

  static void tokens(List<Case> cases, int n, int k, int d) {
    String label = n + " tokens of " + d + ", " + k + " rows each";
    int[] position = permutation(n * k);
    Shape rows = Shape.of(n * k);
    cases.add(
        Case.of(new Op.GatherTokens(k), label)
            .real(Values.GAUSS, n, d)
            .ints(rows, position)
            .build());
    cases.add(
        Case.of(new Op.SumTokens(k), label)
            .real(Values.GAUSS, n * k, d)
            .ints(rows, position)
            .build());
    cases.add(
        Case.of(new Op.CombineTokens(), label)
            .real(Values.GAUSS, n * k, d)
            .real(Values.GAUSS, n, k)
            .ints(rows, position)
            .build());
    cases.add(
        Case.of(new Op.CombineTokensBackward(), label)
            .real(Values.GAUSS, n, d)
            .real(Values.GAUSS, n * k, d)
            .real(Values.GAUSS, n, k)
            .ints(rows, position)
            .functional(0)
            .build());
  }

  private static int[] random(int count, int bound) {
    int[] x = new int[count];
    Arrays.setAll(x, i -> (int) CounterRandom.below(bound, 5, count, i));
    return x;
  }

  private static int[] permutation(int count) {
    int[] x = new int[count];
    for (int j = 0; j < count; j++) {
      int k = (int) CounterRandom.below(j + 1L, 6, count, j);
      x[j] = x[k];
      x[k] = j;
    }
    return x;
  }
}
