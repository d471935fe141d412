package io.manifoldmuon.linalg.engine;

import io.manifoldmuon.linalg.graph.Op;
import io.manifoldmuon.linalg.graph.Value;
import java.util.ArrayList;
import java.util.List;

/** Rotary positions and causal attention. */
final class AttentionCases {
  private AttentionCases() {}

  static List<Case> all() {
    List<Case> cases = new ArrayList<>();
    rope(cases, 1, 1, 1, 2, 10000);
    rope(cases, 2, 7, 3, 4, 10000);
    rope(cases, 1, 13, 1, 6, 100);
    rope(cases, 1, 67, 2, 32, 10000);
    attention(cases, 1, 1, 1, 1, 1);
    attention(cases, 2, 1, 3, 5, 1);
    attention(cases, 3, 2, 1, 1, 1);
    attention(cases, 1, 7, 2, 3, 1);
    attention(cases, 2, 13, 3, 5, 1);
    attention(cases, 1, 33, 1, 32, 1);
    attention(cases, 2, 64, 2, 8, 1);
    attention(cases, 1, 65, 2, 16, 1);
    attention(cases, 2, 67, 3, 5, 1);
    attention(cases, 1, 13, 2, 3, 25);
    attention(cases, 1, 13, 2, 3, 1e-3);
    cases.add(rotated());
    return cases;
  }

  static void rope(List<Case> cases, int b, int t, int h, int size, double base) {
    for (boolean inverse : new boolean[] {false, true}) {
      String label =
          "B %d T %d H %d size %d base %s%s"
              .formatted(b, t, h, size, base, inverse ? " inverse" : "");
      cases.add(
          Case.of(new Op.Rope(h, base, inverse), label)
              .real(Values.GAUSS, b, t, 3 * h * size)
              .build());
    }
  }

  static void attention(List<Case> cases, int b, int t, int h, int size, double temperature) {
    double scale = temperature / Math.sqrt(size);
    String label = "B %d T %d H %d size %d scale %.3g".formatted(b, t, h, size, scale);
    cases.add(
        Case.of(new Op.CausalAttention(h, scale), label)
            .real(Values.GAUSS, b, t, 3 * h * size)
            .functional(1)
            .build());
    cases.add(
        Case.of(new Op.CausalAttentionBackward(h, scale), label)
            .real(Values.GAUSS, b, t, h * size)
            .real(Values.GAUSS, b, t, 3 * h * size)
            .recipe(
                (g, in) -> {
                  List<Value> y = g.record(new Op.CausalAttention(h, scale), in.get(1));
                  Op back = new Op.CausalAttentionBackward(h, scale);
                  return g.record(back, in.get(0), in.get(1), y.get(0), y.get(1));
                })
            .functional(0)
            .build());
  }

  private static Case rotated() {
    return Case.of(new Op.CausalAttention(3, 0.5), "B 2 T 67 H 3 size 4 after Rope")
        .real(Values.GAUSS, 2, 67, 36)
        .recipe((g, in) -> List.of(g.causalAttention(g.rope(in.get(0), 3, 10000), 3, 0.5)))
        .build();
  }
}
