package io.manifoldmuon.linalg.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.manifoldmuon.linalg.DType;
import io.manifoldmuon.linalg.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
}
