package io.manifoldmuon.linalg.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.linalg.graph.Value;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * What an assignment does to the values around it: read before, read after, overlapping, shared.
 * All numbers are small integers or fractions of two, so that every engine's result is exact.
 */
interface AssignmentContract extends EngineUnderTest {

  // ---- helpers ------------------------------------------------------------------------------

  /** Sets variables on a new engine, replays the graph, and lets {@code check} look at the rest. */
  private void run(
      Map<String, double[]> variables,
      Consumer<GraphBuilder> graph,
      int runs,
      Consumer<Look> check) {
    GraphBuilder g = new GraphBuilder();
    graph.accept(g);
    try (Engine engine = open();
        Program program = engine.compile(g.build())) {
      variables.forEach((label, x) -> engine.write(label, Tensor.of(Shape.of(x.length), x)));
      for (int r = 0; r < runs; r++) {
        program.run();
      }
      check.accept(new Look(engine, program));
    }
  }

  /** What can be seen after the replays. */
  record Look(Engine engine, Program program) {
    void variable(String label, double... want) {
      assertThat(engine.read(label).doubles()).as("variable " + label).containsExactly(want);
    }

    void output(String label, double... want) {
      assertThat(program.read(label).doubles()).as("output " + label).containsExactly(want);
    }
  }

  private static Value variable(GraphBuilder g, String label, int n) {
    return g.variable(label, Type.real(n));
  }

  private static Value plus(GraphBuilder g, Value x, double c) {
    return g.add(x, g.constant(c));
  }

  private static double[] v(double... x) {
    return x;
  }

  // ---- assignment ---------------------------------------------------------------------------

  @Test
  default void oldValueIsReadBeforeAssignmentAndNewAfter() {
    run(
        Map.of("a", v(1, 2)),
        g -> {
          Value a = variable(g, "a", 2);
          g.output("old", g.scale(a, 10));
          Value b = g.assign("a", plus(g, a, 1));
          g.output("new", g.scale(b, 100));
        },
        3,
        look -> {
          look.variable("a", 4, 5);
          look.output("old", 30, 40);
          look.output("new", 400, 500);
        });
  }

  @Test
  default void sumsAccumulateOverReplays() {
    try (Engine engine = open()) {
      GraphBuilder g = new GraphBuilder();
      Value acc = g.variable("acc", Type.real(5));
      Value x = g.input("g", Type.real(5));
      g.assign("acc", g.add(acc, x));
      try (Program p = engine.compile(g.build())) {
        for (int r = 1; r <= 4; r++) {
          p.write("g", Tensor.of(Shape.of(5), 1.0 * r, 2, 3, 4, 0.5));
          p.run();
        }
      }
      assertThat(engine.read("acc").doubles()).containsExactly(10, 8, 12, 16, 2);
    }
  }

  @Test
  default void twoAssignmentsOfOneVariableFollowEachOther() {
    run(
        Map.of("a", v(1)),
        g -> {
          Value first = g.assign("a", plus(g, variable(g, "a", 1), 1));
          g.output("first", g.scale(first, 1));
          g.output("second", g.assign("a", g.mul(first, first)));
        },
        2,
        look -> {
          look.variable("a", 25);
          look.output("first", 5);
          look.output("second", 25);
        });
  }

  @Test
  default void assignedInputIsCopied() {
    try (Engine engine = open()) {
      GraphBuilder g = new GraphBuilder();
      g.variable("a", Type.real(2));
      g.assign("a", g.input("x", Type.real(2)));
      GraphBuilder bump = new GraphBuilder();
      bump.assign("a", plus(bump, bump.variable("a", Type.real(2)), 1));
      try (Program copy = engine.compile(g.build());
          Program increment = engine.compile(bump.build())) {
        double[] host = {1, 2};
        copy.write("x", Tensor.of(Shape.of(2), host));
        host[0] = 99;
        copy.run();
        assertThat(engine.read("a").doubles()).containsExactly(1, 2);
        increment.run();
        assertThat(engine.read("a").doubles()).containsExactly(2, 3);
        copy.run();
        assertThat(engine.read("a").doubles()).containsExactly(1, 2);
        copy.write("x", Tensor.of(Shape.of(2), 7.0, 8.0));
        assertThat(engine.read("a").doubles()).containsExactly(1, 2);
      }
    }
  }

  @Test
  default void variableAssignedToAnotherIsCopied() {
    run(
        Map.of("a", v(1, 2), "b", v(3, 4)),
        g -> {
          variable(g, "a", 2);
          Value b = variable(g, "b", 2);
          g.assign("a", b);
          g.assign("b", plus(g, b, 10));
        },
        2,
        look -> {
          look.variable("a", 13, 14);
          look.variable("b", 23, 24);
        });
  }

  @Test
  default void variablesSwapThroughComputedValues() {
    run(
        Map.of("a", v(1, 2, 3), "b", v(4, 5, 6)),
        g -> {
          Value oldA = g.scale(variable(g, "a", 3), 1);
          g.assign("a", variable(g, "b", 3));
          g.assign("b", oldA);
        },
        3,
        look -> {
          look.variable("a", 4, 5, 6);
          look.variable("b", 1, 2, 3);
        });
  }

  @Test
  default void halvesOfAVariableChangePlaces() {
    run(
        Map.of("a", v(1, 2, 3, 4, 5)),
        g -> {
          Value a = variable(g, "a", 5);
          g.assign("a", g.concat(List.of(g.slice(a, 2, 3), g.slice(a, 0, 2)), Shape.of(5)));
        },
        1,
        look -> look.variable("a", 3, 4, 5, 1, 2));
  }

  @Test
  default void partsOfOneVariableAreUpdatedByConcat() {
    run(
        Map.of("a", v(1, 2, 3, 4)),
        g -> {
          Value a = variable(g, "a", 4);
          Value head = plus(g, g.slice(a, 0, 1), 10);
          Value middle = g.slice(a, 1, 2);
          Value tail = g.mul(g.slice(a, 3, 1), g.slice(a, 0, 1));
          g.assign("a", g.concat(List.of(head, middle, tail), Shape.of(4)));
        },
        2,
        look -> look.variable("a", 21, 2, 3, 44));
  }

  @Test
  default void sliceOfAVariableIsAssigned() {
    run(
        Map.of("a", v(1, 2, 3, 4, 5), "b", v(0, 0)),
        g -> {
          Value a = variable(g, "a", 5);
          Value part = g.slice(a, 3, 2);
          variable(g, "b", 2);
          Value b = g.assign("b", part);
          g.assign("a", plus(g, a, 10));
          g.output("b", b);
        },
        2,
        look -> {
          look.variable("b", 14, 15);
          look.output("b", 14, 15);
          look.variable("a", 21, 22, 23, 24, 25);
        });
  }

  @Test
  default void sliceOfAComputedValueIsAssigned() {
    run(
        Map.of("a", v(1, 2, 3)),
        g -> {
          Value a = variable(g, "a", 3);
          Value twice = g.concat(List.of(g.scale(a, 2), g.scale(a, 3)), Shape.of(6));
          g.assign("a", g.slice(twice, 2, 3));
          g.output("twice", twice);
        },
        1,
        look -> {
          look.variable("a", 6, 3, 6);
          look.output("twice", 2, 4, 6, 3, 6, 9);
        });
  }

  @Test
  default void assignedValueMayAlsoBeAnOutputAndGoToTwoVariables() {
    run(
        Map.of("a", v(1, 2), "b", v(5, 5)),
        g -> {
          Value x = plus(g, variable(g, "a", 2), 1);
          variable(g, "b", 2);
          g.output("x", x);
          g.output("a", g.assign("a", x));
          Value b = g.assign("b", x);
          g.output("2b", g.scale(b, 2));
          g.assign("b", plus(g, g.variable("b", Type.real(2)), 100));
        },
        2,
        look -> {
          look.output("x", 3, 4);
          look.output("a", 3, 4);
          look.output("2b", 6, 8);
          look.variable("a", 3, 4);
          look.variable("b", 103, 104);
        });
  }

  /** Ops that read elements of the old value after others of the new one would be written. */
  @Test
  default void productOfAVariableWithItselfIsAssignedToIt() {
    try (Engine engine = open()) {
      GraphBuilder g = new GraphBuilder();
      Value a = g.variable("a", Type.real(2, 2));
      g.assign("a", g.matMulNT(a, a));
      engine.write("a", Tensor.of(Shape.of(2, 2), 1.0, 2, 3, 4));
      try (Program p = engine.compile(g.build())) {
        p.run();
      }
      assertThat(engine.read("a").doubles()).containsExactly(5, 11, 11, 25);
    }
  }

  @Test
  default void normalisedVariableIsAssignedToItself() {
    run(
        Map.of("a", v(3, 4)),
        g -> {
          Value a = variable(g, "a", 2);
          g.output("sum", g.sum(a));
          g.assign("a", g.div(a, g.dot(a, a, 0)));
        },
        1,
        look -> {
          look.output("sum", 7);
          double[] a = look.engine().read("a").doubles();
          assertThat(a[0]).isCloseTo(0.12, within(1e-7));
          assertThat(a[1]).isCloseTo(0.16, within(1e-7));
        });
  }
}
