package io.manifoldmuon.linalg.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.manifoldmuon.linalg.NumericalException;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.ShapeException;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.graph.Graph;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Phase;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.linalg.graph.Value;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

/** What engines and programs say of themselves, and how they refuse. */
interface LifecycleContract extends EngineUnderTest {

  /** y = x·2 + w, and the integers of ids. */
  private static Graph graph() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", Type.real(3));
    g.output("y", g.add(g.scale(x, 2), g.variable("lifecycle.w", Type.real(3))));
    g.output("count", g.slice(g.input("ids", Type.integer(2)), 1));
    return g.build();
  }

  private static void write(Program p) {
    p.write("x", Tensor.of(Shape.of(3), 1.0, 2.0, 3.0));
    p.write("ids", Tensor.of(Shape.of(2), 5, 6));
  }

  @Test
  default void programTellsWhatItIs() {
    try (Engine engine = open();
        Program p = engine.compile(graph())) {
      assertThat(engine.name()).isNotBlank();
      assertThat(engine.description()).isNotBlank();
      assertThat(engine.variableBytes()).isGreaterThanOrEqualTo(3 * Float.BYTES);
      assertThat(p.graph().outputs()).containsOnlyKeys("y", "count");
      assertThat(p.plan()).isNotBlank();
      assertThat(p.bytes()).isGreaterThanOrEqualTo(3 * Float.BYTES + 2 * Integer.BYTES);
      write(p);
      p.run();
      long total = 0;
      for (Phase phase : Phase.values()) {
        assertThat(p.nanos(phase)).isNotNegative();
        total += p.nanos(phase);
      }
      assertThat(total).isPositive();
      assertThat(p.nanos(Phase.OPTIMIZER)).as("no node is of this phase").isZero();
      assertThat(p.readScalar("count")).isEqualTo(6);
    }
  }

  @Test
  default void inputsOfEitherPrecisionAreTaken() {
    try (Engine engine = open();
        Program p = engine.compile(graph())) {
      write(p);
      p.write("x", Tensor.of(Shape.of(3), 1.5f, 2.5f, 3.5f));
      engine.write("lifecycle.w", Tensor.of(Shape.of(3), 1f, 1f, 1f));
      p.run();
      assertThat(p.read("y").doubles()).containsExactly(4, 6, 8);
    }
  }

  /** Variables hold what the engine says of a number. */
  @Test
  default void numbersAreHeldInTheEnginesPrecision() {
    double[] x = {0.1, 1e-50, Float.MAX_VALUE, 1e39, -1e300, 1 + 0x1p-30};
    try (Engine engine = open()) {
      engine.write("lifecycle.x", Tensor.of(Shape.of(x.length), x));
      double[] held = engine.read("lifecycle.x").doubles();
      for (int i = 0; i < x.length; i++) {
        assertThat(engine.rounded(x[i])).isEqualTo(held[i]);
      }
      assertThat(held[0]).isCloseTo(x[0], within(unitRoundoff() * x[0]));
    }
  }

  @Test
  default void readingGivesCopies() {
    try (Engine engine = open();
        Program p = engine.compile(graph())) {
      write(p);
      p.run();
      Tensor first = p.read("y");
      double[] seen = first.doubles().clone();
      p.write("x", Tensor.of(Shape.of(3), 9.0, 9.0, 9.0));
      p.run();
      assertThat(first.doubles()).isEqualTo(seen);
      Tensor w = engine.read("lifecycle.w");
      engine.write("lifecycle.w", Tensor.of(Shape.of(3), 1.0, 1.0, 1.0));
      assertThat(w.doubles()).containsExactly(0, 0, 0);
    }
  }

  @Test
  default void runNeedsEveryInput() {
    try (Engine engine = open();
        Program p = engine.compile(graph())) {
      p.write("x", Tensor.of(Shape.of(3), 1.0, 2.0, 3.0));
      assertThatThrownBy(p::run)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("ids");
      p.write("ids", Tensor.of(Shape.of(2), 5, 6));
      p.run();
      assertThat(p.read("y").doubles()).containsExactly(2, 4, 6);
    }
  }

  @Test
  default void anAbandonedReplayChangesNoVariable() {
    GraphBuilder g = new GraphBuilder();
    Value w = g.variable("lifecycle.w", Type.real(3));
    Value moved = g.add(g.scale(w, 3), g.input("x", Type.real(3)));
    g.assign("lifecycle.w", moved);
    boolean[] request = {false};
    try (Engine engine = open();
        Program p = engine.compile(g.build())) {
      engine.abandonWhen(() -> request[0]);
      p.write("x", Tensor.of(Shape.of(3), 1.0, 2.0, 3.0));
      p.run();
      request[0] = true;
      assertThatThrownBy(p::run)
          .isInstanceOf(AbandonedException.class)
          .hasMessageContaining(engine.name());
      assertThat(engine.read("lifecycle.w").doubles()).containsExactly(1, 2, 3);
      int[] asked = {0};
      engine.abandonWhen(() -> ++asked[0] > 1); // within the replay, where the engine looks there
      try {
        p.run();
        assertThat(engine.read("lifecycle.w").doubles()).containsExactly(4, 8, 12);
      } catch (AbandonedException e) {
        assertThat(engine.read("lifecycle.w").doubles()).containsExactly(1, 2, 3);
      }
      engine.abandonWhen(() -> false);
      engine.write("lifecycle.w", Tensor.of(Shape.of(3), 0.0, 0.0, 0.0));
      p.run();
      assertThat(engine.read("lifecycle.w").doubles()).containsExactly(1, 2, 3);
    }
  }

  @Test
  default void readNeedsARun() {
    try (Engine engine = open();
        Program p = engine.compile(graph())) {
      write(p);
      assertThatThrownBy(() -> p.read("y")).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> p.readScalar("count")).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  default void wrongNamesAndTypesAreRefused() {
    try (Engine engine = open();
        Program p = engine.compile(graph())) {
      write(p);
      p.run();
      Tensor three = Tensor.of(Shape.of(3), 1.0, 2.0, 3.0);
      assertThatThrownBy(() -> p.write("nobody", three))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("nobody");
      assertThatThrownBy(() -> p.write("x", Tensor.of(Shape.of(1, 3), 1.0, 2.0, 3.0)))
          .isInstanceOf(ShapeException.class)
          .hasMessageContaining("[1, 3]")
          .hasMessageContaining("[3]");
      assertThatThrownBy(() -> p.write("ids", Tensor.of(Shape.of(2), 1.0, 2.0)))
          .isInstanceOf(ShapeException.class);
      assertThatThrownBy(() -> p.read("nobody")).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> p.readScalar("y"))
          .isInstanceOf(ShapeException.class)
          .hasMessageContaining("y");
      assertThatThrownBy(() -> engine.read("nobody"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("nobody");
      assertThatThrownBy(() -> engine.write("lifecycle.w", Tensor.of(Shape.of(2), 1.0, 2.0)))
          .isInstanceOf(ShapeException.class)
          .hasMessageContaining("lifecycle.w");
      assertThatThrownBy(() -> engine.write("lifecycle.w", Tensor.of(Shape.of(3), 1, 2, 3)))
          .isInstanceOf(ShapeException.class);
    }
  }

  @Test
  default void variableOfAnotherTypeIsRefusedAtCompile() {
    GraphBuilder g = new GraphBuilder();
    g.output("y", g.variable("lifecycle.w", Type.real(4)));
    Graph other = g.build();
    try (Engine engine = open();
        Program p = engine.compile(graph())) {
      assertThatThrownBy(() -> engine.compile(other))
          .isInstanceOf(ShapeException.class)
          .hasMessageContaining("lifecycle.w");
      write(p);
      p.run();
    }
  }

  @Test
  default void nothingWorksAfterClose() {
    Engine engine = open();
    Program closed = engine.compile(graph());
    Program open = engine.compile(graph());
    write(closed);
    write(open);
    closed.close();
    closed.close();
    assertThatThrownBy(closed::run)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("close");
    open.run();
    engine.close();
    engine.close();
    assertThatThrownBy(open::run).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> engine.compile(graph())).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> engine.read("lifecycle.w")).isInstanceOf(IllegalStateException.class);
    open.close();
  }

  /** An engine that lives long may compile any number of programs that do not. */
  @Test
  default void closedProgramsAreForgotten() throws InterruptedException {
    try (Engine engine = open()) {
      List<WeakReference<Program>> closed = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        closed.add(new WeakReference<>(runAndClose(engine)));
      }
      for (int i = 0; i < 100 && !closed.stream().allMatch(p -> p.refersTo(null)); i++) {
        System.gc();
        Thread.sleep(10);
      }
      assertThat(closed).allMatch(p -> p.refersTo(null), "nobody holds the program");
      assertThat(engine.read("lifecycle.w").doubles()).containsExactly(0, 0, 0);
    }
  }

  private static Program runAndClose(Engine engine) {
    try (Program p = engine.compile(graph())) {
      write(p);
      p.run();
      return p;
    }
  }

  // ---- bad values ---------------------------------------------------------------------------

  /**
   * Records an op on the real [3, 4] input x and the integer input ids, both in scope "layer.7".
   */
  private void assertRefused(
      Type ids, int bad, BiFunction<GraphBuilder, Value[], Value> recipe, String... parts) {
    assumeTrue(checksWhileRunning(), "this engine does not check indices while it runs");
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", Type.real(3, 4));
    Value i = g.input("ids", ids);
    g.scope("layer.7", () -> g.output("y", recipe.apply(g, new Value[] {x, i})));
    try (Engine engine = open();
        Program p = engine.compile(g.build())) {
      if (p.graph().inputs().containsKey("x")) {
        p.write("x", Tensor.of(Shape.of(3, 4), Values.GAUSS.sample(Shape.of(3, 4), 1, 0)));
      }
      int[] index = new int[ids.shape().size()];
      p.write("ids", Tensor.of(ids.shape(), index));
      p.run();
      index[index.length - 1] = bad;
      p.write("ids", Tensor.of(ids.shape(), index));
      assertThatThrownBy(p::run)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("layer.7")
          .hasMessageContaining(Integer.toString(bad))
          .hasMessageContainingAll(parts);
      // and the program still works
      index[index.length - 1] = 0;
      p.write("ids", Tensor.of(ids.shape(), index));
      p.run();
    }
  }

  @Test
  default void idsOutsideTheTableAreRefused() {
    for (int bad : new int[] {3, -1, Integer.MIN_VALUE}) {
      assertRefused(
          Type.integer(2, 2), bad, (g, in) -> g.embedding(in[0], in[1]), "Embedding", "2");
    }
  }

  @Test
  default void targetsOutsideTheVocabularyAreRefused() {
    for (int bad : new int[] {4, -1}) {
      assertRefused(
          Type.integer(3), bad, (g, in) -> g.crossEntropy(in[0], in[1]), "CrossEntropy", "3");
    }
  }

  @Test
  default void expertsOutsideTheirNumberAreRefused() {
    for (int bad : new int[] {5, -1}) {
      assertRefused(
          Type.integer(3, 2), bad, (g, in) -> g.dispatch(in[1], 5).offsets(), "Dispatch", "4");
      assertRefused(
          Type.integer(3, 2), bad, (g, in) -> g.takeColumns(in[0], in[1]), "TakeColumns", "3");
    }
  }

  @Test
  default void scoreThatIsNotANumberEndsTheReplay() {
    assumeTrue(checksWhileRunning(), "this engine does not check scores while it runs");
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", Type.real(1, 4));
    g.scope("layers.3.router", () -> g.output("y", g.topK(x, 2)));
    try (Engine engine = open();
        Program p = engine.compile(g.build())) {
      for (int at = 0; at < 4; at++) {
        double[] scores = {3, 2, 1, 0};
        scores[at] = Double.NaN;
        p.write("x", Tensor.of(Shape.of(1, 4), scores));
        assertThat(catchThrowable(p::run))
            .as("NaN in column " + at)
            .isInstanceOf(NumericalException.class)
            .hasMessageContaining("layers.3.router");
      }
      p.write(
          "x",
          Tensor.of(Shape.of(1, 4), 0, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, -0.0));
      p.run();
      assertThat(p.read("y").ints()).containsExactly(1, 0);
    }
  }

  @Test
  default void matrixThatIsNotFiniteHasNoSingularValues() {
    assumeTrue(checksWhileRunning(), "this engine does not check matrices while it runs");
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", Type.real(3, 4, 2));
    g.scope("layers.3.attn", () -> g.output("sigma", g.svd(x).sigma()));
    try (Engine engine = open();
        Program p = engine.compile(g.build())) {
      for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
        for (int at : new int[] {0, 11, 23}) {
          double[] values = new double[24];
          values[at] = bad;
          p.write("x", Tensor.of(Shape.of(3, 4, 2), values));
          assertThat(catchThrowable(p::run))
              .as(bad + " at " + at)
              .isInstanceOf(NumericalException.class)
              .hasMessageContaining("Svd in layers.3.attn: matrix " + at / 8)
              .hasMessageContaining("row " + at % 8 / 2 + ", column " + at % 2);
        }
      }
      p.write("x", Tensor.of(Shape.of(3, 4, 2), new double[24]));
      p.run();
      assertThat(p.read("sigma").doubles()).containsOnly(0);
    }
  }

  /** A NaN must come out where it goes in: an engine may not hide it. */
  @Test
  default void nanIsNotHidden() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", Type.real(1, 2));
    for (var f : io.manifoldmuon.linalg.graph.Binary.values()) {
      g.output(f + " left", g.zip(f, x, g.fill(1, Shape.of(1, 2))));
      g.output(f + " right", g.zip(f, g.fill(1, Shape.of(1, 2)), x));
    }
    for (var f : io.manifoldmuon.linalg.graph.Unary.values()) {
      g.output("" + f, g.map(f, x));
    }
    g.output("softmax", g.softmax(x));
    g.output("lse", g.logSumExp(x));
    g.output("sum", g.sum(x));
    g.output("product", g.matMulNT(x, g.fill(0, Shape.of(3, 2))));
    g.output("rms", g.rmsNorm(x, g.fill(1, Shape.of(2)), 1e-6));
    try (Engine engine = open();
        Program p = engine.compile(g.build())) {
      p.write("x", Tensor.of(Shape.of(1, 2), 1, Double.NaN));
      p.run();
      for (String label : p.graph().outputs().keySet()) {
        double[] y = p.read(label).doubles();
        assertThat(y[y.length - 1]).as(label).isNaN();
      }
    }
  }
}
