package io.manifoldmuon.linalg.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.manifoldmuon.linalg.CounterRandom;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Op;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.linalg.graph.Value;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Variables between programs and replays, an optimizer's state, and noise. */
interface StateContract extends EngineUnderTest {

  private static Value plus(GraphBuilder g, Value x, double c) {
    return g.add(x, g.constant(c));
  }

  // ---- variables ----------------------------------------------------------------------------

  @Test
  default void variablesBeginAtZero() {
    GraphBuilder g = new GraphBuilder();
    g.output("y", plus(g, g.variable("a", Type.real(3)), 1));
    try (Engine engine = open();
        Program p = engine.compile(g.build())) {
      assertThat(engine.read("a").doubles()).containsExactly(0, 0, 0);
      p.run();
      assertThat(p.read("y").doubles()).containsExactly(1, 1, 1);
    }
  }

  @Test
  default void programsOfAnEngineShareVariables() {
    try (Engine engine = open()) {
      GraphBuilder train = new GraphBuilder();
      Value w = train.variable("w", Type.real(2));
      train.assign("w", train.scale(w, 2));
      GraphBuilder evaluate = new GraphBuilder();
      evaluate.output("y", plus(evaluate, evaluate.variable("w", Type.real(2)), 1));
      try (Program a = engine.compile(train.build());
          Program b = engine.compile(evaluate.build())) {
        engine.write("w", Tensor.of(Shape.of(2), 1.0, 3.0));
        a.run();
        b.run();
        assertThat(b.read("y").doubles()).containsExactly(3, 7);
        a.run();
        b.run();
        assertThat(b.read("y").doubles()).containsExactly(5, 13);
      }
      assertThat(engine.read("w").doubles()).containsExactly(4, 12);
    }
  }

  @Test
  default void integerVariablesHoldIds() {
    try (Engine engine = open()) {
      GraphBuilder g = new GraphBuilder();
      Value table = g.variable("table", Type.real(3, 1));
      Value ids = g.variable("ids", Type.integer(2));
      g.assign("ids", g.slice(g.input("next", Type.integer(4)), 1, 2));
      g.output("y", g.embedding(table, g.variable("ids", Type.integer(2))));
      assertThat(ids.type()).isEqualTo(Type.integer(2));
      engine.write("table", Tensor.of(Shape.of(3, 1), 10.0, 20.0, 30.0));
      engine.write("ids", Tensor.of(Shape.of(2), 2, 0));
      try (Program p = engine.compile(g.build())) {
        assertThat(engine.read("ids").ints()).containsExactly(2, 0);
        p.write("next", Tensor.of(Shape.of(4), 0, 2, 1, 0));
        p.run();
        assertThat(p.read("y").doubles()).containsExactly(30, 20);
        assertThat(engine.read("ids").ints()).containsExactly(2, 1);
      }
    }
  }

  /** Outputs that are, or lie in, what the host and other programs write. */
  @Test
  default void outputsStayAsTheRunLeftThem() {
    GraphBuilder g = new GraphBuilder();
    Value w = g.variable("w", Type.real(2));
    Value v = g.variable("v", Type.real(3));
    Value in = g.input("in", Type.real(3));
    Value ids = g.input("ids", Type.integer(2));
    Value next = g.scale(w, 2);
    g.output("made in w", next);
    g.output("w", g.assign("w", next));
    g.output("v", v);
    g.output("part of v", g.slice(v, 1, 2));
    g.output("in", in);
    g.output("part of in", g.slice(in, 2, 1));
    g.output("part of ids", g.reshape(g.slice(ids, 1, 1)));
    GraphBuilder other = new GraphBuilder();
    other.assign("v", plus(other, other.variable("v", Type.real(3)), 100));
    try (Engine engine = open();
        Program p = engine.compile(g.build());
        Program writer = engine.compile(other.build())) {
      engine.write("w", Tensor.of(Shape.of(2), 1.0, 2));
      engine.write("v", Tensor.of(Shape.of(3), 3.0, 4, 5));
      p.write("in", Tensor.of(Shape.of(3), 6.0, 7, 8));
      p.write("ids", Tensor.of(Shape.of(2), 9, 10));
      p.run();
      engine.write("w", Tensor.of(Shape.of(2), 0.0, 0));
      p.write("in", Tensor.of(Shape.of(3), 0.0, 0, 0));
      p.write("ids", Tensor.of(Shape.of(2), 0, 0));
      writer.run();
      assertThat(p.read("made in w").doubles()).containsExactly(2, 4);
      assertThat(p.read("w").doubles()).containsExactly(2, 4);
      assertThat(p.read("v").doubles()).containsExactly(3, 4, 5);
      assertThat(p.read("part of v").doubles()).containsExactly(4, 5);
      assertThat(p.read("in").doubles()).containsExactly(6, 7, 8);
      assertThat(p.readScalar("part of in")).isEqualTo(8);
      assertThat(p.readScalar("part of ids")).isEqualTo(10);
      p.run();
      assertThat(p.read("w").doubles()).containsExactly(0, 0);
      assertThat(p.read("part of v").doubles()).containsExactly(104, 105);
      assertThat(p.readScalar("part of in")).isZero();
    }
  }

  // ---- optimizer and noise ------------------------------------------------------------------

  @Test
  default void adamWDescendsLikeTheReference() {
    for (int n : new int[] {1, 13, 65}) {
      double[][] want;
      try (Engine reference = Engines.open("reference", EngineOptions.defaults(), _ -> {})) {
        want = adamW(reference, n);
      }
      double[][] got;
      try (Engine engine = open()) {
        got = adamW(engine, n);
      }
      for (int variable = 0; variable < 3; variable++) {
        for (int i = 0; i < n; i++) {
          double w = want[variable][i];
          // eight steps, each off by some roundings of p and of the update
          double tolerance =
              8 * Tolerances.element((Math.abs(w) + 0.1) * Tolerances.FLOAT, 1, unitRoundoff());
          assertThat(Tolerances.close(got[variable][i], w, tolerance))
              .as(
                  "n %d, variable %d, element %d: %s, wanted %s",
                  n, variable, i, got[variable][i], w)
              .isTrue();
        }
      }
    }
  }

  /** Eight steps on Σ (p − target)²/2 with the step counted in the graph: p, m and v after them. */
  private static double[][] adamW(Engine engine, int n) {
    GraphBuilder g = new GraphBuilder();
    Value p = g.variable("p", Type.real(n));
    Value m = g.variable("m", Type.real(n));
    Value v = g.variable("v", Type.real(n));
    Value t = g.assign("t", plus(g, g.variable("t", Type.real()), 1));
    Value gradient = g.sub(p, g.input("target", Type.real(n)));
    Value one = g.constant(1);
    GraphBuilder.AdamWScalars s =
        new GraphBuilder.AdamWScalars(
            one,
            g.scalarInput("lr"),
            g.constant(0.875),
            g.constant(0.9375),
            g.constant(1e-8),
            g.constant(0.0625),
            t);
    GraphBuilder.AdamWResult r = g.adamW(p, gradient, m, v, s);
    g.assign("p", r.parameter());
    g.assign("m", r.m());
    g.assign("v", r.v());
    engine.write("p", Tensor.of(Shape.of(n), Values.GAUSS.sample(Shape.of(n), 1, 0)));
    try (Program program = engine.compile(g.build())) {
      program.write("target", Tensor.of(Shape.of(n), Values.AWAY.sample(Shape.of(n), 2, 0)));
      for (int step = 0; step < 8; step++) {
        program.write("lr", Tensor.scalar(0.125 / (1 << (step / 3))));
        program.run();
      }
    }
    assertThat(engine.read("t").doubles()).containsExactly(8);
    return new double[][] {
      engine.read("p").doubles(), engine.read("m").doubles(), engine.read("v").doubles()
    };
  }

  @Test
  default void noiseIsTheCounterRandomsAndNormal() {
    int n = 20_000;
    GraphBuilder g = new GraphBuilder();
    Value seed = g.input("seed", Type.integer());
    g.output("a", g.gaussianNoise(seed, Shape.of(n)));
    g.output("b", g.gaussianNoise(seed, Shape.of(n)));
    try (Engine engine = open();
        Program p = engine.compile(g.build())) {
      p.write("seed", Tensor.scalar(42));
      p.run();
      double[] a = p.read("a").doubles();
      double[] b = p.read("b").doubles();
      double mean = Arrays.stream(a).average().orElseThrow();
      double square = Arrays.stream(a).map(x -> x * x).average().orElseThrow();
      double together = 0;
      for (int i = 0; i < n; i++) {
        assertThat(a[i]).isCloseTo(CounterRandom.gaussian(42, 0, i), within(64 * unitRoundoff()));
        together += a[i] * b[i] / n;
      }
      // five standard errors: 1/√n, √2/√n and 1/√n
      double standardError = 1 / Math.sqrt(n);
      assertThat(mean).isCloseTo(0, within(5 * standardError));
      assertThat(square).isCloseTo(1, within(5 * Math.sqrt(2) * standardError));
      assertThat(together).as("streams are independent").isCloseTo(0, within(5 * standardError));
      p.write("seed", Tensor.scalar(43));
      p.run();
      assertThat(p.read("a").doubles()).as("another seed").isNotEqualTo(a);
      p.write("seed", Tensor.scalar(42));
      p.run();
      assertThat(p.read("a").doubles()).as("the first seed again").isEqualTo(a);
    }
  }

  @Test
  default void unusedStreamsStayWhatTheyWere() {
    // a dropped draw must not move the streams of others: the stream is in the op
    GraphBuilder g = new GraphBuilder();
    Value seed = g.input("seed", Type.integer());
    g.gaussianNoise(seed, Shape.of(3));
    Value kept = g.gaussianNoise(seed, Shape.of(3));
    assertThat(g.build().nodes()).isEmpty();
    g.output("kept", kept);
    assertThat(g.build().nodes().getLast().op()).isEqualTo(new Op.GaussianNoise(1, Shape.of(3)));
  }
}
