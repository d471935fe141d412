package io.manifoldmuon.linalg.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineOptions;
import io.manifoldmuon.linalg.engine.Engines;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Op;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.linalg.graph.Unary;
import io.manifoldmuon.linalg.graph.Value;
import io.manifoldmuon.linalg.graph.Vjp;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

/** The reference engine against numbers worked out by hand: the anchor of all other comparisons. */
class KnownValuesTest {

  /** Runs one op on constant inputs and gives its outputs. */
  private static List<Tensor> run(Op op, Tensor... inputs) {
    GraphBuilder g = new GraphBuilder();
    Value[] in = new Value[inputs.length];
    for (int i = 0; i < in.length; i++) {
      in[i] = g.input("in" + i, new Type(inputs[i].shape(), inputs[i].dtype()));
    }
    List<Value> out = g.record(op, in);
    for (int i = 0; i < out.size(); i++) {
      g.output("out" + i, out.get(i));
    }
    try (Engine engine = Engines.open("reference", EngineOptions.defaults(), _ -> {});
        Program program = engine.compile(g.build())) {
      for (int i = 0; i < in.length; i++) {
        program.write("in" + i, inputs[i]);
      }
      program.run();
      return program.graph().outputs().keySet().stream().map(program::read).toList();
    }
  }

  private static Tensor real(Shape shape, double... x) {
    return Tensor.of(shape, x);
  }

  private static void assertReal(Tensor got, Shape shape, double... want) {
    assertThat(got.shape()).isEqualTo(shape);
    assertThat(got.doubles()).containsExactly(want, within(1e-12));
  }

  private static void assertInts(Tensor got, Shape shape, int... want) {
    assertThat(got.shape()).isEqualTo(shape);
    assertThat(got.ints()).containsExactly(want);
  }

  @Test
  void productsOfTransposedOperands() {
    Tensor a = real(Shape.of(2, 3), 1, 2, 3, 4, 5, 6);
    Tensor aT = real(Shape.of(3, 2), 1, 4, 2, 5, 3, 6);
    Tensor b = real(Shape.of(3, 2), 7, 8, 9, 10, 11, 12);
    Tensor bT = real(Shape.of(2, 3), 7, 9, 11, 8, 10, 12);
    for (boolean ta : new boolean[] {false, true}) {
      for (boolean tb : new boolean[] {false, true}) {
        List<Tensor> y = run(new Op.MatMul(ta, tb), ta ? aT : a, tb ? bT : b);
        assertReal(y.getFirst(), Shape.of(2, 2), 58, 64, 139, 154);
      }
    }
  }

  @Test
  void groupedProductsSkipAnExpertWithoutRows() {
    Tensor x = real(Shape.of(3, 2), 1, 2, 3, 4, 5, 6);
    Tensor w = real(Shape.of(3, 2, 1), 1, 10, 1000, 1000, 2, 3);
    Tensor offsets = Tensor.of(Shape.of(4), 0, 1, 1, 3);
    assertReal(
        run(new Op.GroupedMatMul(false), x, w, offsets).getFirst(), Shape.of(3, 1), 21, 18, 28);
    Tensor b = real(Shape.of(3, 1), 1, 2, 3);
    assertReal(
        run(new Op.GroupedOuter(3), x, b, offsets).getFirst(),
        Shape.of(3, 2, 1),
        1,
        2,
        0,
        0,
        21,
        26);
  }

  @Test
  void topKGivesTiesToTheLowerColumn() {
    Tensor scores = real(Shape.of(2, 4), 1, 3, 3, 2, 5, 5, 5, 5);
    assertInts(run(new Op.TopK(3), scores).getFirst(), Shape.of(2, 3), 1, 2, 3, 0, 1, 2);
  }

  @Test
  void dispatchSortsSlotsStably() {
    Tensor index = Tensor.of(Shape.of(3, 2), 2, 0, 0, 2, 2, 3);
    List<Tensor> out = run(new Op.Dispatch(4), index);
    assertInts(out.get(0), Shape.of(6), 2, 0, 1, 3, 4, 5);
    assertInts(out.get(1), Shape.of(5), 0, 2, 2, 5, 6);
    assertReal(run(new Op.Counts(), out.get(1)).getFirst(), Shape.of(4), 2, 0, 3, 1);
  }

  @Test
  void tokensGoToTheirRowsAndBack() {
    Tensor x = real(Shape.of(2, 1), 10, 20);
    Tensor position = Tensor.of(Shape.of(4), 3, 0, 1, 2);
    Tensor rows = run(new Op.GatherTokens(2), x, position).getFirst();
    assertReal(rows, Shape.of(4, 1), 10, 20, 20, 10);
    Tensor w = real(Shape.of(2, 2), 0.25, 0.75, 2, 3);
    assertReal(run(new Op.CombineTokens(), rows, w, position).getFirst(), Shape.of(2, 1), 10, 100);
    Tensor z = real(Shape.of(4, 1), 1, 2, 3, 4);
    assertReal(run(new Op.SumTokens(2), z, position).getFirst(), Shape.of(2, 1), 5, 5);
  }

  @Test
  void rmsNormHasUnitMeanSquare() {
    Tensor x = real(Shape.of(1, 2), 3, 4);
    Tensor gain = real(Shape.of(2), 1, 10);
    double r = Math.sqrt(12.5);
    assertReal(run(new Op.RmsNorm(0), x, gain).getFirst(), Shape.of(1, 2), 3 / r, 40 / r);
    assertReal(run(new Op.RmsNorm(3.5), x, gain).getFirst(), Shape.of(1, 2), 0.75, 10);
  }

  @Test
  void softmaxStandsLargeLogits() {
    Tensor x = real(Shape.of(2), 1000, 1000 + Math.log(3));
    assertReal(run(new Op.Softmax(), x).getFirst(), Shape.of(2), 0.25, 0.75);
    assertReal(run(new Op.LogSumExp(), x).getFirst(), Shape.scalar(), 1000 + Math.log(4));
  }

  @Test
  void crossEntropyOfUniformLogitsIsLogV() {
    Tensor logits = real(Shape.of(2, 4), 7, 7, 7, 7, 0, 0, 0, Math.log(3));
    List<Tensor> out = run(new Op.CrossEntropy(), logits, Tensor.of(Shape.of(2), 1, 3));
    assertReal(out.get(0), Shape.of(2), Math.log(4), Math.log(2));
    assertReal(out.get(1), Shape.of(2), 7 + Math.log(4), Math.log(6));
  }

  @Test
  void ropeTurnsPairsByPositionAndFrequency() {
    // one head of size 4, two positions; the query's pairs turn by 1 and 1/10 at position 1
    double[] qkv = new double[24];
    Arrays.setAll(qkv, i -> i % 12 < 8 ? (i % 2 == 0 ? 1 : 0) : i);
    Tensor y = run(new Op.Rope(1, 100, false), real(Shape.of(1, 2, 12), qkv)).getFirst();
    double c = Math.cos(1);
    double s = Math.sin(1);
    double c10 = Math.cos(0.1);
    double s10 = Math.sin(0.1);
    double[] want =
        DoubleStream.concat(
                Arrays.stream(qkv, 0, 12),
                DoubleStream.of(c, s, c10, s10, c, s, c10, s10, 20, 21, 22, 23))
            .toArray();
    assertReal(y, Shape.of(1, 2, 12), want);
  }

  @Test
  void attentionIsCausalAndWeighsByScores() {
    // one head of size 1: rows (q, k, v); at t = 1 the scores are 0 and ln 3
    Tensor qkv = real(Shape.of(1, 2, 3), 5, 0, 8, 1, Math.log(9), 4);
    List<Tensor> out = run(new Op.CausalAttention(1, 0.5), qkv);
    assertReal(out.get(0), Shape.of(1, 2, 1), 8, 0.25 * 8 + 0.75 * 4);
    assertReal(out.get(1), Shape.of(1, 1, 2), 0, Math.log(4));
  }

  @Test
  void attentionHeadsStandSideBySide() {
    // T = 1: the output is the value, whatever the scores
    Tensor qkv = real(Shape.of(2, 1, 6), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
    assertReal(run(new Op.CausalAttention(2, 1), qkv).getFirst(), Shape.of(2, 1, 2), 5, 6, 11, 12);
  }

  @Test
  void adamWFirstStepIsTheSignAndDecay() {
    Tensor p = real(Shape.of(2), 10, -10);
    Tensor g = real(Shape.of(2), 4, -1);
    Tensor zero = real(Shape.of(2), 0, 0);
    List<Tensor> out =
        run(
            new Op.AdamW(),
            p,
            g,
            zero,
            zero,
            Tensor.scalar(0.5),
            Tensor.scalar(0.1),
            Tensor.scalar(0.9),
            Tensor.scalar(0.99),
            Tensor.scalar(0.0),
            Tensor.scalar(0.01),
            Tensor.scalar(1.0));
    assertReal(out.get(0), Shape.of(2), 10 - 0.1 * (1 + 0.1), -10 + 0.1 * (1 + 0.1));
    assertReal(out.get(1), Shape.of(2), 0.2, -0.05);
    assertReal(out.get(2), Shape.of(2), 0.04, 0.0025);
  }

  @Test
  void gradientOfSiluAtZeroIsOneHalf() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.variable("x", Type.real(2));
    Value y = g.sum(g.map(Unary.SILU, x));
    g.output("dx", Vjp.gradients(g, y, List.of(x)).getFirst());
    try (Engine engine = new ReferenceEngine();
        Program program = engine.compile(g.build())) {
      program.run();
      assertReal(program.read("dx"), Shape.of(2), 0.5, 0.5);
      engine.write("x", real(Shape.of(2), 0, 1));
      program.run();
      double s = 1 / (1 + Math.exp(-1));
      assertReal(program.read("dx"), Shape.of(2), 0.5, s * (1 + 1 - s));
    }
  }

  @Test
  void geluIsTheExactOne() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.variable("x", Type.real(3));
    g.output("y", g.map(Unary.GELU, x));
    g.output("dx", Vjp.gradients(g, g.sum(g.map(Unary.GELU, x)), List.of(x)).getFirst());
    try (Engine engine = new ReferenceEngine();
        Program program = engine.compile(g.build())) {
      engine.write("x", real(Shape.of(3), 0, 1, -3));
      program.run();
      // Φ(1) and Φ(−3) from tables, which the approximation by tanh misses by 1.5e-4 and 3e-4
      assertReal(program.read("y"), Shape.of(3), 0, 0.8413447460685429, -3 * 0.0013498980316301);
      double slope = 0.8413447460685429 + 0.2419707245191434;
      assertReal(
          program.read("dx"), Shape.of(3), 0.5, slope, 0.0013498980316301 - 3 * 0.0044318484119380);
    }
  }
}
