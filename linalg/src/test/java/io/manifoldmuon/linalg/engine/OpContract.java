package io.manifoldmuon.linalg.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.manifoldmuon.linalg.DType;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.linalg.graph.Unary;
import io.manifoldmuon.linalg.graph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every op gives what the reference gives, the same every time, and leaves its inputs alone. */
interface OpContract extends EngineUnderTest {

  @ParameterizedTest
  @MethodSource("io.manifoldmuon.linalg.engine.CaseTable#all")
  default void forwardIsTheReferences(Case c) {
    Truth.of(c).assertMatches(c, c.runForward(engine(), 1), unitRoundoff());
  }

  @ParameterizedTest
  @MethodSource("io.manifoldmuon.linalg.engine.CaseTable#all")
  default void valuesAndGradientsOfVariablesAreTheReferences(Case c) {
    Truth.of(c).assertMatches(c, c.runFull(engine(), 1), unitRoundoff());
  }

  @ParameterizedTest
  @MethodSource("io.manifoldmuon.linalg.engine.CaseTable#all")
  default void replaysAreBitIdentical(Case c) {
    assertSameBits(c, c.runForward(engine(), 1), c.runForward(engine(), 3));
    assertSameBits(c, c.runFull(engine(), 1), c.runFull(engine(), 3));
  }

  @ParameterizedTest
  @MethodSource("io.manifoldmuon.linalg.engine.CaseTable#all")
  default void operandsAreNotChanged(Case c) {
    List<Tensor> before = new ArrayList<>();
    c.operands().forEach(o -> before.add(copy(o.value())));
    c.runFull(engine(), 1);
    for (int i = 0; i < before.size(); i++) {
      String what = c.name() + ", operand " + i;
      assertThat(bits(c.operands().get(i).value())).as(what).isEqualTo(bits(before.get(i)));
      assertThat(bits(engine().read(c.variable(i)))).as(what).isEqualTo(bits(before.get(i)));
    }
  }

  private static void assertSameBits(
      Case c, Map<String, Tensor> first, Map<String, Tensor> second) {
    first.forEach(
        (label, value) ->
            assertThat(bits(second.get(label))).as(c.name() + ", " + label).isEqualTo(bits(value)));
  }

  private static Tensor copy(Tensor x) {
    return x.dtype() == DType.INT
        ? Tensor.of(x.shape(), x.ints().clone())
        : Tensor.of(x.shape(), x.doubles().clone());
  }

  private static long[] bits(Tensor x) {
    return x.dtype() == DType.INT
        ? java.util.Arrays.stream(x.ints()).asLongStream().toArray()
        : java.util.Arrays.stream(x.doubles()).mapToLong(Double::doubleToRawLongBits).toArray();
  }

  /** To the nearest, ties to even, over the whole range of float32, bit for bit. */
  @Test
  default void bfloat16IsTheNearest() {
    float[] x = {
      0,
      1,
      -1,
      1 + 0x1p-8f,
      1 + 0x3p-8f,
      -1 - 0x1p-8f,
      -1 - 0x3p-8f, // ties
      1 + 0x1.02p-8f,
      1 + 0x1.fep-9f,
      1 + 0x2.fep-8f,
      2 - 0x1p-8f,
      2 - 0x1.02p-8f,
      0x1.fep127f,
      0x1.fefffep127f,
      0x1.ffp127f,
      Float.MAX_VALUE,
      -Float.MAX_VALUE,
      Float.POSITIVE_INFINITY,
      Float.NEGATIVE_INFINITY,
      Float.MIN_NORMAL,
      0x1.01p-126f,
      -0x1.03p-126f,
      0x1.fffffep-126f,
      0x1.2345p-100f,
      65504,
      3.1415927f,
      -1e-3f,
      12345.678f,
      0x1.8p63f,
      0x1.ffffp63f,
      0x1p64f,
      0x1.fffp-65f
    };
    float[] want = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      // 8 bits are 7 after the first
      double scale = Math.scalb(1.0, 7 - Math.getExponent(x[i]));
      want[i] = Float.isInfinite(x[i]) ? x[i] : (float) (Math.rint(x[i] * scale) / scale);
      want[i] =
          Math.abs(want[i]) > 0x1.fep127f ? Math.copySign(Float.POSITIVE_INFINITY, x[i]) : want[i];
    }
    want[0] = 0;
    GraphBuilder g = new GraphBuilder();
    Value in = g.input("x", Type.real(x.length));
    g.output("y", g.map(Unary.ROUND_BFLOAT16, in));
    try (Engine engine = open();
        Program p = engine.compile(g.build())) {
      p.write("x", Tensor.of(Shape.of(x.length), x));
      p.run();
      assertThat(p.read("y").floats()).containsExactly(want);
    }
  }
}
