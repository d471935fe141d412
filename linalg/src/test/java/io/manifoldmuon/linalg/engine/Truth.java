package io.manifoldmuon.linalg.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.manifoldmuon.linalg.DType;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.graph.Graph;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.assertj.core.api.SoftAssertions;

/**
 * What the reference engine makes of a case's {@link Case#full full} graph, and how far rounding
 * moves it; computed once a case.
 *
 * @param values the outputs by label
 * @param sensitivity for each real output the root mean square change of its elements
 * @param longestSum the length of the longest sum in the graph
 * @param exactForward whether the forward pass only moves elements
 */
record Truth(
    Map<String, Tensor> values,
    Map<String, double[]> sensitivity,
    int longestSum,
    boolean exactForward) {
  private static final int SAMPLES = 16;
  private static final Map<String, Truth> CACHE = new ConcurrentHashMap<>();

  static Truth of(Case c) {
    return CACHE.computeIfAbsent(c.name(), _ -> compute(c));
  }

  private static Truth compute(Case c) {
    try (Engine engine = Engines.open("reference", EngineOptions.defaults(), _ -> {})) {
      Map<String, Tensor> values = c.runFull(engine, 1);
      Graph graph = c.full();
      return new Truth(
          values,
          sensitivity(c, engine, graph, values),
          Tolerances.longestSum(graph),
          Tolerances.isExact(c.forward()));
    }
  }

  private static Map<String, double[]> sensitivity(
      Case c, Engine engine, Graph graph, Map<String, Tensor> values) {
    Map<String, double[]> result = new HashMap<>();
    try (Program noisy = engine.compile(Rounding.noisy(graph, exactOperands(c)))) {
      Case.writeWeights(noisy);
      for (int s = 0; s < SAMPLES; s++) {
        Rounding.sample(noisy, Tolerances.FLOAT, s);
        noisy.run();
        values.forEach(
            (label, value) -> {
              if (value.dtype() == DType.REAL) {
                double[] moved = noisy.read(label).doubles();
                double[] rms = result.computeIfAbsent(label, _ -> new double[moved.length]);
                for (int i = 0; i < moved.length; i++) {
                  rms[i] = Math.hypot(rms[i], (moved[i] - value.doubles()[i]) / Math.sqrt(SAMPLES));
                }
              }
            });
      }
    }
    return result;
  }

  private static Set<String> exactOperands(Case c) {
    Set<String> exact = new HashSet<>();
    for (int i = 0; i < c.operands().size(); i++) {
      if (!c.operands().get(i).varies()) {
        exact.add(c.variable(i));
      }
    }
    return exact;
  }

  /** Asserts that an engine's outputs are the reference's up to rounding. */
  void assertMatches(Case c, Map<String, Tensor> got, double unitRoundoff) {
    SoftAssertions all = new SoftAssertions();
    got.forEach((label, tensor) -> compare(all, c, label, tensor, unitRoundoff));
    all.assertAll();
  }

  private void compare(SoftAssertions all, Case c, String label, Tensor got, double unitRoundoff) {
    Tensor want = values.get(label);
    String what = c.name() + ", " + label;
    assertThat(got.shape()).as(what).isEqualTo(want.shape());
    assertThat(got.dtype()).as(what).isEqualTo(want.dtype());
    if (want.dtype() == DType.INT) {
      all.assertThat(got.ints()).as(what).isEqualTo(want.ints());
      return;
    }
    boolean exact = exactForward && label.startsWith("y");
    double[] g = got.doubles();
    double[] w = want.doubles();
    double[] s = sensitivity.get(label);
    for (int i = 0; i < w.length; i++) {
      double tolerance = exact ? 0 : Tolerances.element(s[i], longestSum, unitRoundoff);
      if (!Tolerances.close(g[i], w[i], tolerance)) {
        all.fail(
            "%s: element %d of %s is %s, wanted %s ± %.3g (off by %.3g)",
            what, i, want.shape(), g[i], w[i], tolerance, Math.abs(g[i] - w[i]));
        return;
      }
    }
  }
}
