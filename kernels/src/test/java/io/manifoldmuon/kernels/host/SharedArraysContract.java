package io.manifoldmuon.kernels.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.graph.Align;
import io.manifoldmuon.linalg.graph.Binary;
import io.manifoldmuon.linalg.graph.Graph;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Op;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.linalg.graph.Unary;
import io.manifoldmuon.linalg.graph.Value;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ops whose operands and results would lie in one array, as views, parts or the same value. */
abstract class SharedArraysContract {
  /** Sums of up to 32 terms of order 1, and roots and quotients of an AdamW step. */
  private static final double TOLERANCE = 32 * 6e-8 * 10;

  /** An engine on the device, with the kernels that suit it. */
  abstract Engine open();

  private void compare(Consumer<GraphBuilder> body, int replays) {
    Replays.compare(this::open, record(body), replays, TOLERANCE);
  }

  private static Graph record(Consumer<GraphBuilder> body) {
    GraphBuilder g = new GraphBuilder();
    body.accept(g);
    return g.build();
  }

  // ---- element-wise pairs -------------------------------------------------------------------

  /** What every row reads is a row of the variable that the second of the pair is made in. */
  private static void rowOfTheResult(GraphBuilder g) {
    Value v = g.variable("v", Type.real(64, 32));
    Value c = g.input("c", Type.real(64, 32));
    Value x = g.zipColumns(Binary.SUB, c, g.slice(v, 0, 32));
    g.assign("v", g.add(x, c));
  }

  @Test
  void aRowOfTheResultIsReadBeforeItIsWritten() {
    compare(SharedArraysContract::rowOfTheResult, 2);
    assertThat(Replays.plan(this::open, record(SharedArraysContract::rowOfTheResult)))
        .doesNotContain("zipZipF32");
  }

  /** The second of a pair is made in an array that the first still reads, from another place. */
  @Test
  void aSliceOfAnArrayThatIsTakenOverIsReadBefore() {
    compare(
        g -> {
          Value big = g.map(Unary.SQUARE, g.input("big", Type.real(128, 32)));
          Value c = g.input("c", Type.real(64, 32));
          Value y = g.add(g.sub(c, g.slice(big, 32, 64, 32)), c);
          Value both = g.concat(List.of(y, g.map(Unary.NEGATE, c)), Shape.of(128, 32));
          g.output("sums", g.sum(both, Shape.of(128), Align.PREFIX));
        },
        1);
  }

  /** Each element of the result takes the place of the one that it is made of: still one launch. */
  @Test
  void aPairInPlaceStaysOne() {
    Consumer<GraphBuilder> body =
        g -> {
          Value w = g.variable("w", Type.real(64, 32));
          Value d = g.input("d", Type.real(64, 32));
          g.assign("w", g.add(w, g.mul(d, g.input("t", Type.real()))));
        };
    compare(body, 2);
    assertThat(Replays.plan(this::open, record(body))).contains("zipZipF32");
  }

  // ---- several results ----------------------------------------------------------------------

  private static GraphBuilder.AdamWScalars scalars(GraphBuilder g) {
    Value h = g.constant(0.5);
    return new GraphBuilder.AdamWScalars(h, h, h, h, h, h, g.constant(1));
  }

  /** Which of the values are parameter, gradient, first and second moment. */
  @ParameterizedTest
  @CsvSource({"0, 0, 2, 3", "0, 1, 0, 3", "0, 1, 1, 3", "0, 1, 2, 1", "0, 1, 2, 2", "0, 0, 0, 0"})
  void operandsOfAdamWMayBeOneValue(int parameter, int gradient, int m, int v) {
    compare(
        g -> {
          Value[] x = new Value[4];
          for (int i = 0; i < x.length; i++) {
            x[i] = g.map(Unary.SQUARE, g.input("x" + i, Type.real(8)));
          }
          GraphBuilder.AdamWResult r = g.adamW(x[parameter], x[gradient], x[m], x[v], scalars(g));
          g.output("p", g.map(Unary.NEGATE, r.parameter()));
          g.output("m", g.map(Unary.NEGATE, r.m()));
          g.output("v", g.map(Unary.NEGATE, r.v()));
        },
        1);
  }

  /** Each in a part of its own, and the parts in one whole. */
  @Test
  void resultsOfOneOpMayBePartsOfParts() {
    compare(
        g -> {
          Value x = g.input("x", Type.real(8));
          Value d = g.input("d", Type.real(8));
          Value v = g.map(Unary.SQUARE, g.input("v", Type.real(8)));
          GraphBuilder.AdamWResult r = g.adamW(x, d, d, v, scalars(g));
          Value a = g.concat(List.of(r.parameter(), x), Shape.of(16));
          Value b = g.concat(List.of(r.m(), d), Shape.of(16));
          g.output("whole", g.concat(List.of(a, b), Shape.of(32)));
        },
        1);
  }

  @Test
  void sumsOfAttentionMayBePartsOfParts() {
    compare(
        g -> {
          Value qkv = g.input("qkv", Type.real(1, 4, 24));
          List<Value> r = g.record(new Op.CausalAttention(2, 0.5), qkv);
          Value a = g.concat(List.of(r.getFirst(), qkv), Shape.of(128));
          Value b = g.concat(List.of(r.getLast(), r.getLast()), Shape.of(16));
          g.output("whole", g.concat(List.of(a, b), Shape.of(144)));
        },
        1);
  }

  /** The gradient is read while the parameter is written, on either side of it. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anOperandMayBeBesideTheResult(boolean before) {
    compare(
        g -> {
          Value gradient = g.scale(g.input("d", Type.real(8)), 2);
          Value m = g.input("m", Type.real(8));
          Value v = g.map(Unary.SQUARE, g.input("v", Type.real(8)));
          Value p = g.adamW(g.input("x", Type.real(8)), gradient, m, v, scalars(g)).parameter();
          g.output(
              "both", g.concat(before ? List.of(gradient, p) : List.of(p, gradient), Shape.of(16)));
        },
        1);
  }
}
