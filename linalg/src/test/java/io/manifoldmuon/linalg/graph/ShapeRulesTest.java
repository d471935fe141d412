package io.manifoldmuon.linalg.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.ShapeException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every op's shape rule: what it gives, and what it says when it refuses. */
class ShapeRulesTest {
  private static final Type SCALAR = Type.real();

  /** An op on inputs, with what it should give. */
  record Good(Op op, List<Type> inputs, List<Type> outputs) {}

  private static Good good(Op op, List<Type> in, Type... out) {
    return new Good(op, in, List.of(out));
  }

  private static Type r(int... dims) {
    return Type.real(dims);
  }

  private static Type i(int... dims) {
    return Type.integer(dims);
  }

  static Stream<Good> good() {
    return Stream.of(leaves(), elementwise(), products(), language(), routing())
        .flatMap(List::stream);
  }

  private static List<Good> leaves() {
    return List.of(
        good(
            new Op.Variable("w", Shape.of(2, 3), io.manifoldmuon.linalg.DType.REAL),
            List.of(),
            r(2, 3)),
        good(new Op.Input("x", Shape.of(4), io.manifoldmuon.linalg.DType.INT), List.of(), i(4)),
        good(new Op.Fill(1, Shape.of(4)), List.of(), r(4)),
        good(new Op.GaussianNoise(0, Shape.of(2, 2)), List.of(i()), r(2, 2)),
        good(new Op.Reshape(Shape.of(6)), List.of(i(2, 3)), i(6)),
        good(new Op.Slice(2, Shape.of(2, 2)), List.of(r(6)), r(2, 2)),
        good(new Op.Concat(Shape.of(2, 3)), List.of(r(2), r(2, 2)), r(2, 3)),
        good(new Op.Assign("w"), List.of(i(3), i(3)), i(3)),
        good(
            new Op.AdamW(),
            List.of(
                r(2, 3), r(2, 3), r(2, 3), r(2, 3), SCALAR, SCALAR, SCALAR, SCALAR, SCALAR, SCALAR,
                SCALAR),
            r(2, 3),
            r(2, 3),
            r(2, 3)));
  }

  private static List<Good> elementwise() {
    return List.of(
        good(new Op.Map(Unary.EXP), List.of(r(2, 3)), r(2, 3)),
        good(new Op.MapBackward(Unary.EXP), List.of(r(2, 3), r(2, 3)), r(2, 3)),
        good(new Op.Zip(Binary.ADD, Align.PREFIX), List.of(r(2, 3), r(2)), r(2, 3)),
        good(new Op.Zip(Binary.ADD, Align.PREFIX), List.of(r(2, 3), SCALAR), r(2, 3)),
        good(new Op.Zip(Binary.ADD, Align.SUFFIX), List.of(r(2, 3), r(3)), r(2, 3)),
        good(new Op.Expand(Shape.of(2, 3), Align.SUFFIX), List.of(r(3)), r(2, 3)),
        good(new Op.Sum(Shape.of(2), Align.PREFIX), List.of(r(2, 3)), r(2)),
        good(new Op.Dot(1), List.of(r(2, 3), r(2, 3)), r(2)),
        good(new Op.Dot(0), List.of(r(2, 3), r(2, 3)), SCALAR),
        good(new Op.Lerp(), List.of(r(2, 3), r(2, 3), SCALAR), r(2, 3)),
        good(new Op.WeightedSum(1, 2, 0), List.of(r(2, 3), r(2, 3)), r(2, 3)),
        good(new Op.WeightedSum(1, 2, 3), List.of(r(2, 3, 3), r(2, 3, 3)), r(2, 3, 3)),
        good(new Op.MaxAbs(1), List.of(r(2, 3)), r(2)),
        good(new Op.RmsNorm(1e-6), List.of(r(2, 3), r(3)), r(2, 3)),
        good(new Op.RmsNormBackward(1e-6), List.of(r(2, 3), r(2, 3), r(3)), r(2, 3), r(3)),
        good(new Op.Softmax(), List.of(r(2, 3, 4)), r(2, 3, 4)),
        good(new Op.SoftmaxBackward(), List.of(r(4), r(4)), r(4)),
        good(new Op.LogSumExp(), List.of(r(2, 3, 4)), r(2, 3)));
  }

  private static List<Good> products() {
    return List.of(
        good(new Op.MatMul(false, false), List.of(r(2, 3), r(3, 5)), r(2, 5)),
        good(new Op.MatMul(true, false), List.of(r(3, 2), r(3, 5)), r(2, 5)),
        good(new Op.MatMul(false, true), List.of(r(7, 2, 3), r(7, 5, 3)), r(7, 2, 5)),
        good(new Op.MatMul(true, true), List.of(r(3, 2), r(5, 3)), r(2, 5)),
        good(new Op.Gram(false), List.of(r(7, 2, 3)), r(7, 3, 3)),
        good(new Op.Gram(true), List.of(r(2, 3)), r(2, 2)),
        good(new Op.SymmetricMatMul(), List.of(r(7, 2, 3), r(7, 3, 2)), r(7, 2, 2)),
        good(new Op.AddTransposed(1, 2), List.of(r(7, 3, 3)), r(7, 3, 3)),
        good(new Op.Svd(), List.of(r(7, 2, 3)), r(7, 2, 2), r(7, 2), r(7, 3, 2)),
        good(new Op.Svd(), List.of(r(3, 2)), r(3, 2), r(2), r(2, 2)),
        good(new Op.GroupedMatMul(false), List.of(r(9, 3), r(4, 3, 5), i(5)), r(9, 5)),
        good(new Op.GroupedMatMul(true), List.of(r(9, 3), r(4, 5, 3), i(5)), r(9, 5)),
        good(new Op.GroupedOuter(4), List.of(r(9, 3), r(9, 5), i(5)), r(4, 3, 5)));
  }

  private static List<Good> language() {
    return List.of(
        good(new Op.Embedding(), List.of(r(7, 3), i(2, 4)), r(2, 4, 3)),
        good(new Op.EmbeddingBackward(7), List.of(r(2, 4, 3), i(2, 4)), r(7, 3)),
        good(new Op.Rope(2, 1e4, false), List.of(r(2, 5, 24)), r(2, 5, 24)),
        good(new Op.CausalAttention(2, 1), List.of(r(2, 5, 18)), r(2, 5, 6), r(2, 2, 5)),
        good(
            new Op.CausalAttentionBackward(2, 1),
            List.of(r(2, 5, 6), r(2, 5, 18), r(2, 5, 6), r(2, 2, 5)),
            r(2, 5, 18)),
        good(new Op.CrossEntropy(), List.of(r(4, 7), i(4)), r(4), r(4)),
        good(new Op.CrossEntropyBackward(), List.of(r(4, 7), r(4), i(4), r(4)), r(4, 7)));
  }

  private static List<Good> routing() {
    return List.of(
        good(new Op.TopK(2), List.of(r(5, 3)), i(5, 2)),
        good(new Op.RoundRobin(5, 2, 3), List.of(), i(5, 2)),
        good(new Op.TakeColumns(), List.of(r(5, 3), i(5, 2)), r(5, 2)),
        good(new Op.TakeColumnsBackward(3), List.of(r(5, 2), i(5, 2)), r(5, 3)),
        good(new Op.Dispatch(3), List.of(i(5, 2)), i(10), i(4)),
        good(new Op.Counts(), List.of(i(4)), r(3)),
        good(new Op.GatherTokens(2), List.of(r(5, 7), i(10)), r(10, 7)),
        good(new Op.SumTokens(2), List.of(r(10, 7), i(10)), r(5, 7)),
        good(new Op.CombineTokens(), List.of(r(10, 7), r(5, 2), i(10)), r(5, 7)),
        good(
            new Op.CombineTokensBackward(),
            List.of(r(5, 7), r(10, 7), r(5, 2), i(10)),
            r(10, 7),
            r(5, 2)));
  }

  @Test
  void everyOpHasARuleHere() {
    Set<Class<?>> tested = good().map(g -> g.op().getClass()).collect(Collectors.toSet());
    assertThat(tested).containsExactlyInAnyOrder(Op.class.getPermittedSubclasses());
  }

  @ParameterizedTest
  @MethodSource("good")
  void outputTypes(Good g) {
    assertThat(ShapeRules.infer(g.op(), g.inputs())).isEqualTo(g.outputs());
  }

  /** No op takes one input too many or too few; the message names the op and what was given. */
  @ParameterizedTest
  @MethodSource("good")
  void otherNumbersOfInputsAreRefused(Good g) {
    List<Type> more = new ArrayList<>(g.inputs());
    more.add(r(97));
    assertRefused(g.op(), more);
    if (!g.inputs().isEmpty()) {
      assertRefused(g.op(), g.inputs().subList(0, g.inputs().size() - 1));
    }
  }

  /** Changing the element type of any input is refused, except where an op only moves elements. */
  @ParameterizedTest
  @MethodSource("good")
  void otherElementTypesAreRefused(Good g) {
    if (g.op() instanceof Op.Reshape || g.op() instanceof Op.Slice) {
      return;
    }
    for (int at = 0; at < g.inputs().size(); at++) {
      List<Type> changed = new ArrayList<>(g.inputs());
      int[] dims = changed.get(at).shape().toArray();
      boolean real = changed.get(at).equals(Type.real(dims));
      changed.set(at, real ? Type.integer(dims) : Type.real(dims));
      assertRefused(g.op(), changed);
    }
  }

  private static void assertRefused(Op op, List<Type> inputs) {
    assertThat(catchThrowable(() -> ShapeRules.infer(op, inputs)))
        .as(op + " of " + inputs)
        .isInstanceOf(ShapeException.class)
        .hasMessageStartingWith(op.name() + ": ")
        .hasMessageContaining(inputs.toString())
        .hasMessageContaining("wanted");
  }

  static Stream<Good> bad() {
    return Stream.of(
        good(new Op.GaussianNoise(0, Shape.of(2)), List.of(i(1))),
        good(new Op.Reshape(Shape.of(5)), List.of(r(2, 3))),
        good(new Op.Slice(5, Shape.of(2)), List.of(r(6))),
        good(new Op.Slice(-1, Shape.of(2)), List.of(r(6))),
        good(new Op.Slice(Integer.MAX_VALUE, Shape.of(2)), List.of(r(6))),
        good(new Op.Concat(Shape.of(2, 3)), List.of(r(2), r(3))),
        good(new Op.Concat(Shape.of(2, 3)), List.of()),
        good(new Op.Assign("w"), List.of(r(2, 3), r(6))),
        good(new Op.MapBackward(Unary.EXP), List.of(r(2, 3), r(3, 2))),
        good(new Op.Zip(Binary.ADD, Align.PREFIX), List.of(r(2, 3), r(3))),
        good(new Op.Zip(Binary.ADD, Align.SUFFIX), List.of(r(2, 3), r(2))),
        good(new Op.Zip(Binary.ADD, Align.PREFIX), List.of(r(2), r(2, 3))),
        good(new Op.Zip(Binary.ADD, Align.PREFIX), List.of(r(2, 3), r(1))),
        good(new Op.Expand(Shape.of(2, 3), Align.PREFIX), List.of(r(3))),
        good(new Op.Sum(Shape.of(3), Align.PREFIX), List.of(r(2, 3))),
        good(new Op.Dot(3), List.of(r(2, 3), r(2, 3))),
        good(new Op.Dot(-1), List.of(r(2, 3), r(2, 3))),
        good(new Op.Lerp(), List.of(r(2, 3), r(2, 3), r(1))),
        good(new Op.Lerp(), List.of(r(2, 3), r(2), SCALAR)),
        good(new Op.WeightedSum(1, 2, 3), List.of(r(2, 3), r(2, 3))),
        good(new Op.WeightedSum(1, 2, 3), List.of(r(3), r(3))),
        good(new Op.MaxAbs(3), List.of(r(2, 3))),
        good(new Op.Gram(false), List.of(r(3))),
        good(new Op.SymmetricMatMul(), List.of(r(2, 3), r(3, 4))),
        good(new Op.Svd(), List.of(r(3))),
        good(new Op.Svd(), List.of(r(3, 2), r(3, 2))),
        good(new Op.Svd(), List.of(i(3, 2))),
        good(new Op.AddTransposed(1, 1), List.of(r(7, 2, 3))),
        good(new Op.Softmax(), List.of(SCALAR)),
        good(new Op.MatMul(false, false), List.of(r(2, 3), r(2, 3))),
        good(new Op.MatMul(false, false), List.of(r(2, 2, 3), r(3, 3, 5))),
        good(new Op.MatMul(false, false), List.of(r(2, 3), r(1, 3, 5))),
        good(new Op.MatMul(false, false), List.of(r(3), r(3))),
        good(new Op.GroupedMatMul(true), List.of(r(9, 3), r(4, 3, 5), i(5))),
        good(new Op.GroupedMatMul(false), List.of(r(9, 3), r(4, 3, 5), i(4))),
        good(new Op.GroupedOuter(4), List.of(r(9, 3), r(8, 5), i(5))),
        good(new Op.GroupedOuter(3), List.of(r(9, 3), r(9, 5), i(5))),
        good(new Op.RmsNorm(1e-6), List.of(r(2, 3), r(2))),
        good(new Op.Embedding(), List.of(r(7, 3, 1), i(2))),
        good(new Op.EmbeddingBackward(7), List.of(r(2, 4, 3), i(4, 2))),
        good(new Op.Rope(2, 1e4, false), List.of(r(2, 5, 18))),
        good(new Op.CausalAttention(2, 1), List.of(r(2, 5, 9))),
        good(new Op.CausalAttention(2, 1), List.of(r(2, 5, 8))),
        good(new Op.CausalAttention(0, 1), List.of(r(2, 5, 6))),
        good(new Op.CrossEntropy(), List.of(r(4, 7), i(5))),
        good(new Op.TopK(4), List.of(r(5, 3))),
        good(new Op.TopK(0), List.of(r(5, 3))),
        good(new Op.RoundRobin(5, 4, 3), List.of()),
        good(new Op.TakeColumns(), List.of(r(5, 3), i(4, 2))),
        good(new Op.GatherTokens(2), List.of(r(5, 7), i(9))),
        good(new Op.SumTokens(3), List.of(r(10, 7), i(10))),
        good(new Op.CombineTokens(), List.of(r(10, 7), r(5, 3), i(10))));
  }

  @ParameterizedTest
  @MethodSource("bad")
  void wrongShapesAreRefused(Good g) {
    assertRefused(g.op(), g.inputs());
  }

  @Test
  void messageOfARecordingTellsWhereItWas() {
    GraphBuilder g = new GraphBuilder();
    Value a = g.input("a", r(2, 3));
    assertThatThrownBy(() -> g.scope("layers.0", () -> g.scope("attn", () -> g.matMul(a, a))))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("layers.0.attn")
        .hasMessageContaining("MatMul")
        .hasMessageContaining("real[2, 3]")
        .hasMessageContaining("not 3 and 2");
  }

  @Test
  void fitsIsAboutWholeDimensions() {
    Shape large = Shape.of(2, 3, 5);
    for (Shape s : Arrays.asList(Shape.scalar(), Shape.of(2), Shape.of(2, 3), large)) {
      assertThat(ShapeRules.fits(s, large, Align.PREFIX)).as("" + s).isTrue();
    }
    for (Shape s : Arrays.asList(Shape.scalar(), Shape.of(5), Shape.of(3, 5), large)) {
      assertThat(ShapeRules.fits(s, large, Align.SUFFIX)).as("" + s).isTrue();
    }
    for (Shape s : Arrays.asList(Shape.of(6), Shape.of(1), Shape.of(2, 3, 5, 1))) {
      assertThat(ShapeRules.fits(s, large, Align.PREFIX)).as("" + s).isFalse();
      assertThat(ShapeRules.fits(s, large, Align.SUFFIX)).as("" + s).isFalse();
    }
  }
}
