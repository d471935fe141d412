package io.manifoldmuon.kernels.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineOptions;
import io.manifoldmuon.linalg.engine.Engines;
import io.manifoldmuon.linalg.graph.Align;
import io.manifoldmuon.linalg.graph.Binary;
import io.manifoldmuon.linalg.graph.Graph;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.linalg.graph.Unary;
import io.manifoldmuon.linalg.graph.Value;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Chains on stacks of matrices that become one launch. */
class MatrixRunsTest {
  private static final int COUNT = 4;

  /** 2⁻²⁴, for sums of up to 300 terms of order 1 in chains of up to ten products. */
  private static final double TOLERANCE = 300 * 10 * 6e-8;

  private static String plan(Graph graph) {
    return Replays.plan(MatrixRunsTest::emulator, graph);
  }

  private static void compare(Graph graph, int replays) {
    Replays.compare(MatrixRunsTest::emulator, graph, replays, TOLERANCE);
  }

  private static Engine emulator() {
    return Engines.open("emulator", EngineOptions.defaults(), _ -> {});
  }

  private static Graph record(Consumer<GraphBuilder> body) {
    GraphBuilder g = new GraphBuilder();
    body.accept(g);
    return g.build();
  }

  /** A chain of products with everything that may come between, on m × n matrices. */
  private static Graph chain(int m, int n) {
    return record(
        g -> {
          Value w = g.variable("w", Type.real(COUNT, m, n));
          Value x = g.input("x", Type.real(COUNT, m, n));
          Value t = g.input("t", Type.real());
          Value mixed = g.lerp(w, x, t);
          Value r = g.gram(mixed, false);
          Value p = g.weightedSum(-0.5, r, 0.25, g.matMul(r, r), 1.5);
          Value s = g.addTransposed(0.5, 0.25, p);
          Value norms = g.dot(mixed, mixed, 1);
          Value scales =
              g.map(Unary.SQRT, g.add(norms, g.expand(t, Shape.of(COUNT), Align.PREFIX)));
          Value scaled = g.div(s, scales);
          Value both = g.sub(scaled, g.mul(r, g.maxAbs(p, 1)));
          Value y = g.matMul(mixed, both);
          Value back = g.matMulNT(y, g.matMulTN(y, y));
          g.output("scales", scales);
          g.output("sums", g.sum(both, Shape.of(COUNT), Align.PREFIX));
          g.output("back", back);
          g.assign("w", g.zip(Binary.ADD, g.mul(w, t), y));
        });
  }

  @ParameterizedTest
  @CsvSource({"40, 24", "24, 40", "33, 33", "1, 5", "7, 270", "64, 32", "48, 80", "18, 304"})
  void aChainIsTheReferences(int m, int n) {
    compare(chain(m, n), 2);
  }

  @Test
  void aChainIsOneLaunch() {
    assertThat(plan(chain(40, 24)).lines().filter(l -> l.contains("VectorF32")))
        .singleElement()
        .asString()
        .contains("matrixStepsVectorF32 ", "[4]/[1]");
  }

  /** The total needs all members: what comes before it is one launch, what comes after another. */
  @Test
  void whatNeedsAllMembersComesBetween() {
    Graph graph =
        record(
            g -> {
              Value x = g.input("x", Type.real(COUNT, 40, 24));
              Value r = g.gram(g.scale(x, 2), false);
              Value a = g.matMul(x, r);
              Value total = g.dot(a, a, 0);
              Value b = g.matMul(g.div(a, total), r);
              g.output("b", g.add(b, a));
              g.output("total", total);
            });
    compare(graph, 1);
    assertThat(plan(graph).lines().filter(l -> l.contains("matrixStepsVectorF32"))).hasSize(2);
  }

  /** Rows of a matrix that are normalized: members without products. */
  @Test
  void rowsAreMembersToo() {
    Graph graph =
        record(
            g -> {
              Value w = g.variable("w", Type.real(40, 30));
              Value x = g.input("x", Type.real(40, 30));
              Value sum = g.sub(w, g.mul(x, g.dot(w, x, 1)));
              Value norm = g.map(Unary.SQRT, g.dot(sum, sum, 1));
              g.assign("w", g.div(sum, norm));
            });
    compare(graph, 3);
    assertThat(plan(graph).lines().filter(l -> l.contains("matrixStepsVectorF32"))).hasSize(1);
  }

  /** More arrays than a launch has room for: several runs, each of what fits. */
  @Test
  void manyArraysAreSeveralRuns() {
    Graph graph =
        record(
            g -> {
              for (int i = 0; i < 20; i++) {
                Value x = g.input("x" + i, Type.real(COUNT, 40, 24));
                g.output("y" + i, g.matMul(x, g.gram(g.scale(x, 2), false)));
              }
            });
    compare(graph, 1);
    List<String> runs =
        plan(graph).lines().filter(l -> l.contains("matrixStepsVectorF32")).toList();
    assertThat(runs).hasSizeBetween(4, 10);
  }
}
