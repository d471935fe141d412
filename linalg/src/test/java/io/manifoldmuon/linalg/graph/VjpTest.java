package io.manifoldmuon.linalg.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineOptions;
import io.manifoldmuon.linalg.engine.Engines;
import io.manifoldmuon.linalg.engine.Program;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Reverse mode: how gradients meet, what is recorded, what is refused. That each op's gradient is
 * right is checked by the engine contract, against finite differences.
 */
class VjpTest {
  private final GraphBuilder g = new GraphBuilder();

  private static final double[] X = {1, 2, 3, 4, 5, 6};

  private Value x() {
    return g.input("x", Type.real(6));
  }

  /** Σ weights·v. */
  private Value weighted(Value v, double... weights) {
    Value sum = g.constant(0);
    for (int i = 0; i < weights.length; i++) {
      Value element = g.reshape(g.slice(v, i, 1));
      sum = g.add(sum, g.scale(element, weights[i]));
    }
    return sum;
  }

  /** The gradient of a loss by x, at x = 1 … 6. */
  private double[] gradient(Value loss, Value wrt) {
    g.output("dx", Vjp.gradients(g, loss, List.of(wrt)).getFirst());
    return run(Map.of("x", X));
  }

  private double[] run(Map<String, double[]> inputs) {
    Graph graph = g.build();
    try (Engine engine = Engines.open("reference", EngineOptions.defaults(), _ -> {});
        Program p = engine.compile(graph)) {
      for (String label : graph.inputs().keySet()) {
        Shape s = graph.type(graph.inputs().get(label)).shape();
        p.write(label, Tensor.of(s, inputs.get(label)));
      }
      p.run();
      return p.read("dx").doubles();
    }
  }

  private List<String> opNames() {
    return g.build().nodes().stream().map(n -> n.op().name()).toList();
  }

  // ---- slices -------------------------------------------------------------------------------

  @Test
  void disjointSlicesAreLaidSideBySide() {
    Value x = x();
    Value loss =
        g.add(g.scale(g.sum(g.slice(x, 0, 2)), 3), g.sum(g.map(Unary.SQUARE, g.slice(x, 2, 4))));
    assertThat(gradient(loss, x)).containsExactly(3, 3, 6, 8, 10, 12);
    assertThat(opNames()).contains("Concat");
  }

  @Test
  void gapsBetweenSlicesAreZero() {
    Value x = x();
    Value loss = g.add(g.sum(g.slice(x, 1, 1)), g.scale(g.sum(g.slice(x, 3, 2)), 5));
    assertThat(gradient(loss, x)).containsExactly(0, 1, 0, 5, 5, 0);
  }

  @Test
  void repeatedSlicesAreAdded() {
    Value x = x();
    Value a = g.sum(g.slice(x, 1, 3));
    Value b = g.scale(g.sum(g.slice(x, 1, 3, 1)), 10);
    assertThat(gradient(g.add(a, b), x)).containsExactly(0, 11, 11, 11, 0, 0);
  }

  @Test
  void partlyOverlappingSlicesAreAddedWhereTheyOverlap() {
    Value x = x();
    Value a = g.sum(g.slice(x, 0, 3));
    Value b = g.scale(g.sum(g.slice(x, 2, 3)), 10);
    Value c = g.scale(g.sum(g.slice(x, 1, 2)), 100);
    assertThat(gradient(g.add(g.add(a, b), c), x)).containsExactly(1, 101, 111, 10, 10, 0);
  }

  @Test
  void aSliceInsideASlice() {
    Value x = x();
    Value outer = g.slice(x, 1, 4);
    Value inner = g.slice(outer, 2, 2);
    Value loss = g.add(g.sum(outer), g.scale(g.sum(inner), 10));
    assertThat(gradient(loss, x)).containsExactly(0, 1, 1, 11, 11, 0);
  }

  @Test
  void aSliceAndTheWhole() {
    Value x = x();
    Value loss = g.add(g.sum(x), g.scale(g.sum(g.slice(x, 4, 2)), 10));
    assertThat(gradient(loss, x)).containsExactly(1, 1, 1, 1, 11, 11);
  }

  @Test
  void slicesThatTouchDoNotOverlap() {
    Value x = x();
    weightedSlices(x, 1, 2, 3);
    List<Node> concats =
        g.build().nodes().stream().filter(n -> n.op() instanceof Op.Concat).toList();
    assertThat(concats).hasSize(1);
    assertThat(concats.getFirst().inputs()).as("three slices, no gap").hasSize(3);
    assertThat(run(Map.of("x", X))).containsExactly(1, 1, 2, 2, 3, 3);
  }

  private void weightedSlices(Value x, double... weights) {
    Value loss = g.constant(0);
    for (int i : new int[] {2, 0, 1}) {
      loss = g.add(loss, g.scale(g.sum(g.slice(x, 2 * i, 2)), weights[i]));
    }
    g.output("dx", Vjp.gradients(g, loss, List.of(x)).getFirst());
  }

  // ---- meeting ------------------------------------------------------------------------------

  @Test
  void aValueUsedTwiceGetsTheSum() {
    Value x = x();
    Value loss = g.add(g.sum(g.mul(x, x)), g.sum(g.mul(x, g.map(Unary.NEGATE, x))));
    assertThat(gradient(loss, x)).containsExactly(0, 0, 0, 0, 0, 0);
  }

  @Test
  void gradientsOfSeveralValuesAndOfAnIntermediateOne() {
    Value x = x();
    Value w = g.input("w", Type.real(6));
    Value y = g.mul(x, w);
    Value loss = g.sum(g.map(Unary.SQUARE, y));
    List<Value> d = Vjp.gradients(g, loss, List.of(w, y, x));
    g.output("dx", g.concat(d, Shape.of(18)));
    double[] got = run(Map.of("x", X, "w", new double[] {2, 2, 2, 2, 2, 2}));
    assertThat(got)
        .containsExactly(4, 16, 36, 64, 100, 144, 4, 8, 12, 16, 20, 24, 8, 16, 24, 32, 40, 48);
  }

  @Test
  void theLossItselfHasGradientOne() {
    Value loss = g.sum(x());
    g.output("dx", Vjp.gradients(g, loss, List.of(loss)).getFirst());
    assertThat(run(Map.of("x", X))).containsExactly(1);
  }

  @Test
  void noDependenceIsZero() {
    Value x = x();
    Value other = g.input("other", Type.real(2, 3));
    g.map(Unary.EXP, x);
    Value d = Vjp.gradients(g, g.sum(other), List.of(x)).getFirst();
    assertThat(d.shape()).isEqualTo(Shape.of(6));
    g.output("dx", d);
    assertThat(opNames()).as("nothing but the zeros").containsExactly("Fill");
    assertThat(run(Map.of())).containsExactly(0, 0, 0, 0, 0, 0);
  }

  @Test
  void roundingPassesTheGradientOnAsItIs() {
    Value x = x();
    Value loss = weighted(g.map(Unary.ROUND_BFLOAT16, x), 1, 2, 3, 4, 5, 6.001);
    assertThat(gradient(loss, x)).containsExactly(1, 2, 3, 4, 5, 6.001);
  }

  @Test
  void noGradientFlowsThroughIndicesSignsOrCounts() {
    Value scores = g.reshape(x(), 2, 3);
    Value index = g.topK(scores, 1);
    Value load = g.counts(g.dispatch(index, 3).offsets());
    Value loss = g.add(g.sum(load), g.sum(g.map(Unary.SIGN, scores)));
    assertThat(gradient(loss, g.input("x", Type.real(6)))).containsExactly(0, 0, 0, 0, 0, 0);
  }

  // ---- repeats ------------------------------------------------------------------------------

  @Test
  void aScalarOperandGetsTheSumOverAll() {
    Value c = g.input("c", Type.real());
    Value loss = weighted(g.mul(x(), c), 1, 1, 1, 1, 1, 1);
    g.output("dx", Vjp.gradients(g, loss, List.of(c)).getFirst());
    assertThat(run(Map.of("x", X, "c", new double[] {9}))).containsExactly(21);
  }

  @Test
  void aPerRowOperandGetsTheSumOverItsRow() {
    Value b = g.input("b", Type.real(2));
    Value loss = g.sum(g.mul(g.reshape(x(), 2, 3), b));
    g.output("dx", Vjp.gradients(g, loss, List.of(b)).getFirst());
    assertThat(run(Map.of("x", X, "b", new double[] {7, 7}))).containsExactly(6, 15);
  }

  @Test
  void aPerColumnOperandGetsTheSumOverItsColumn() {
    Value b = g.input("b", Type.real(3));
    Value loss = g.sum(g.zipColumns(Binary.MUL, g.reshape(x(), 2, 3), b));
    g.output("dx", Vjp.gradients(g, loss, List.of(b)).getFirst());
    assertThat(run(Map.of("x", X, "b", new double[] {7, 7, 7}))).containsExactly(5, 7, 9);
  }

  @Test
  void tiesOfMinAndMaxGoToTheFirst() {
    double inf = Double.POSITIVE_INFINITY;
    double[] left = {1, 2, 3, inf, -inf, -inf, Float.MAX_VALUE, inf, 1};
    double[] right = {2, 2, 2, inf, -inf, inf, -Float.MAX_VALUE, 1, Double.NaN};
    double nan = Double.NaN;
    double[] larger = {0, 1, 1, 1, 1, 0, 1, 1, nan};
    double[] smaller = {1, 1, 0, 1, 1, 1, 0, 0, nan};
    for (String engine : List.of("reference", "cpu")) {
      assertThat(toTheFirst(engine, Binary.MAX, left, right)).as(engine).isEqualTo(larger);
      assertThat(toTheFirst(engine, Binary.MIN, left, right)).as(engine).isEqualTo(smaller);
    }
  }

  /** The gradient of Σ f(left, right) by the left, which with that by the right is 1. */
  private static double[] toTheFirst(String name, Binary f, double[] left, double[] right) {
    GraphBuilder b = new GraphBuilder();
    Value x = b.input("x", Type.real(left.length));
    Value y = b.input("y", Type.real(left.length));
    List<Value> d = Vjp.gradients(b, b.sum(b.zip(f, x, y)), List.of(x, y));
    b.output("dx", d.get(0));
    b.output("dy", d.get(1));
    try (Engine engine = Engines.open(name, EngineOptions.defaults(), _ -> {});
        Program p = engine.compile(b.build())) {
      p.write("x", Tensor.of(Shape.of(left.length), left));
      p.write("y", Tensor.of(Shape.of(left.length), right));
      p.run();
      double[] dx = p.read("dx").doubles();
      double[] dy = p.read("dy").doubles();
      assertThat(dy).isEqualTo(Arrays.stream(dx).map(to -> 1 - to).toArray());
      return dx;
    }
  }

  // ---- what is recorded ---------------------------------------------------------------------

  @Test
  void gradientsThatNobodyAsksForAreNotRecorded() {
    Value a = g.variable("a", Type.real(3, 4));
    Value b = g.variable("b", Type.real(4, 5));
    Value loss = g.sum(g.matMul(a, b));
    int before = g.nodes().size();
    Vjp.gradients(g, loss, List.of(b));
    List<Op> products =
        g.nodes().stream().skip(before).map(Node::op).filter(o -> o instanceof Op.MatMul).toList();
    assertThat(products).containsExactly(new Op.MatMul(true, false));
  }

  @Test
  void nothingIsRecordedBehindTheValuesThatAreAskedFor() {
    Value x = x();
    Value y = g.map(Unary.EXP, x);
    Value loss = g.sum(g.map(Unary.SQUARE, y));
    int before = g.nodes().size();
    Vjp.gradients(g, loss, List.of(y));
    assertThat(g.nodes().stream().skip(before).map(Node::op))
        .doesNotContain(new Op.MapBackward(Unary.EXP))
        .contains(new Op.MapBackward(Unary.SQUARE));
  }

  @Test
  void backwardNodesStandInTheScopeOfTheirForwardNode() {
    Value[] loss = new Value[1];
    Value x = x();
    g.scope("layers.3", () -> loss[0] = g.sum(g.map(Unary.EXP, x)));
    g.output("dx", Vjp.gradients(g, loss[0], List.of(x)).getFirst());
    Node back =
        g.build().nodes().stream()
            .filter(n -> n.op() instanceof Op.MapBackward)
            .findFirst()
            .orElseThrow();
    assertThat(back.scope()).isEqualTo("layers.3");
    assertThat(back.phase()).isEqualTo(Phase.BACKWARD);
    g.output("after", g.map(Unary.EXP, x));
    assertThat(g.build().nodes().getLast().phase()).isEqualTo(Phase.FORWARD);
  }

  // ---- what is refused ----------------------------------------------------------------------

  @Test
  void theLossIsOneRealElement() {
    Value x = x();
    assertThatThrownBy(() -> Vjp.gradients(g, x, List.of(x)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("real[6]");
    Value n = g.input("n", Type.integer());
    assertThatThrownBy(() -> Vjp.gradients(g, n, List.of(x)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void valuesOfAnotherRecordingAreRefused() {
    Value x = x();
    Value loss = g.sum(g.map(Unary.EXP, x));
    GraphBuilder other = new GraphBuilder();
    Value y = other.input("y", Type.real(6));
    Value foreign = other.sum(y);
    assertThatThrownBy(() -> Vjp.gradients(g, foreign, List.of(x)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Vjp: value %1:real[] belongs to another recording");
    assertThatThrownBy(() -> Vjp.gradients(g, loss, List.of(x, y)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Vjp: value %0:real[6] belongs to another recording");
  }

  @Test
  void gradientsAreNotDifferentiatedAgain() {
    Value x = x();
    Value loss = g.sum(g.map(Unary.EXP, x));
    Value d = Vjp.gradients(g, loss, List.of(x)).getFirst();
    Value second = g.sum(d);
    assertThatThrownBy(() -> Vjp.gradients(g, second, List.of(x)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("MapBackward");
  }

  @Test
  void aGradientMayBeDifferentiatedBy() {
    // the op that made it has no gradient rule, and needs none
    Value x = x();
    Value d = Vjp.gradients(g, g.sum(g.map(Unary.EXP, x)), List.of(x)).getFirst();
    Value norm = g.dot(d, d, 0);
    g.output("dx", g.div(Vjp.gradients(g, norm, List.of(d)).getFirst(), d));
    assertThat(run(Map.of("x", X))).containsExactly(2, 2, 2, 2, 2, 2);
  }

  @Test
  void nothingIsDifferentiatedThroughAnAssignment() {
    Value w = g.variable("w", Type.real(3));
    g.scope("step", () -> g.assign("w", g.scale(w, 2)));
    Value loss = g.sum(g.variable("w", Type.real(3)));
    assertThatThrownBy(() -> Vjp.gradients(g, loss, List.of(w)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Assign in step");
    Value updated = g.variable("w", Type.real(3));
    assertThat(Vjp.gradients(g, loss, List.of(updated)).getFirst().shape()).isEqualTo(Shape.of(3));
  }

  @Test
  void theLogSumExpOfALossHasNoGradient() {
    Value logits = g.reshape(x(), 2, 3);
    Value targets = g.input("t", Type.integer(2));
    Value lse = g.record(new Op.CrossEntropy(), logits, targets).get(1);
    assertThatThrownBy(() -> Vjp.gradients(g, g.sum(lse), List.of(logits)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("log-sum-exp of CrossEntropy");
    Value qkv = g.reshape(x(), 1, 2, 3);
    Value attentionLse = g.record(new Op.CausalAttention(1, 1), qkv).get(1);
    assertThatThrownBy(() -> Vjp.gradients(g, g.sum(attentionLse), List.of(qkv)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("log-sum-exp of CausalAttention");
  }

  @Test
  void manyUsesOfOneValueAreSummedOnce() {
    // a chain of n additions, not of n² ones: pieces of equal range are added as they come
    Value x = x();
    Value loss = g.constant(0);
    for (int i = 0; i < 50; i++) {
      loss = g.add(loss, g.scale(g.sum(x), i));
    }
    int before = g.nodes().size();
    g.output("dx", Vjp.gradients(g, loss, List.of(x)).getFirst());
    assertThat(g.nodes().size() - before).isLessThan(400);
    double total = IntStream.range(0, 50).sum();
    assertThat(run(Map.of("x", X))).containsOnly(total);
  }
}
