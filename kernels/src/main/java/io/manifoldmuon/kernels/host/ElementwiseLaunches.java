package io.manifoldmuon.kernels.host;

import io.manifoldmuon.kernels.device.Elementwise;
import io.manifoldmuon.kernels.device.Functions;
import io.manifoldmuon.kernels.device.SmallSteps;
import io.manifoldmuon.kernels.host.SmallStep.Operand;
import io.manifoldmuon.linalg.graph.Align;
import io.manifoldmuon.linalg.graph.Binary;
import io.manifoldmuon.linalg.graph.Op;
import io.manifoldmuon.linalg.graph.Unary;
import java.util.ArrayList;
import java.util.List;
import uk.ac.manchester.tornado.api.KernelContext;

/** Launches of {@link Elementwise}. */
final class ElementwiseLaunches {
  private ElementwiseLaunches() {}

  static Launch map(Operands in, Unary f) {
    Buffer x = in.in(0);
    Buffer y = in.out(0);
    int n = y.size();
    int code = code(f);
    return Launch.of(
            "mapF32 " + f,
            List.of(x),
            List.of(y),
            Grid.covering(n),
            n,
            (g, id) ->
                g.task(
                    id,
                    Elementwise::mapF32,
                    new KernelContext(),
                    x.floats(),
                    x.offset(),
                    y.floats(),
                    y.offset(),
                    n,
                    code))
        .by(SmallStep.of(SmallSteps.MAP, code, y, Operand.each(x)));
  }

  static Launch mapBackward(Operands in, Unary f) {
    Buffer x = in.in(0);
    Buffer dy = in.in(1);
    Buffer dx = in.out(0);
    int n = dx.size();
    int code = code(f);
    return Launch.of(
            "mapBackwardF32 " + f,
            List.of(x, dy),
            List.of(dx),
            Grid.covering(n),
            2.0 * n,
            (g, id) ->
                g.task(
                    id,
                    Elementwise::mapBackwardF32,
                    new KernelContext(),
                    x.floats(),
                    x.offset(),
                    dy.floats(),
                    dy.offset(),
                    dx.floats(),
                    dx.offset(),
                    n,
                    code))
        .by(SmallStep.of(SmallSteps.MAP_BACKWARD, code, dx, Operand.each(x), Operand.each(dy)));
  }

  static Launch zip(Operands in, Op.Zip op) {
    Buffer a = in.in(0);
    Buffer b = in.in(1);
    Buffer y = in.out(0);
    int n = y.size();
    int run = run(op.align(), b.size(), n);
    int period = b.size();
    int code = code(op.f());
    return Launch.of(
            "zipF32 " + op.f(),
            List.of(a, b),
            List.of(y),
            Grid.covering(n),
            n,
            (g, id) ->
                g.task(
                    id,
                    Elementwise::zipF32,
                    new KernelContext(),
                    a.floats(),
                    a.offset(),
                    b.floats(),
                    b.offset(),
                    y.floats(),
                    y.offset(),
                    n,
                    run,
                    period,
                    code))
        .by(SmallStep.of(SmallSteps.ZIP, code, y, Operand.each(a), new Operand(b, run, period)));
  }

  /** Y = g(f(A, B), D), or g(D, f(A, B)) with {@code swap}; D as f's result takes it. */
  static Launch zipZip(
      Op.Zip first, Buffer a, Buffer b, Op.Zip second, Buffer d, boolean swap, Buffer y) {
    int n = y.size();
    int run = run(first.align(), b.size(), n);
    int runD = swap ? 1 : run(second.align(), d.size(), n);
    int f = code(first.f());
    int g = code(second.f());
    int swapped = swap ? 1 : 0;
    Launch launch =
        Launch.of(
            "zipZipF32 " + first.f() + " " + second.f(),
            List.of(a, b, d),
            List.of(y),
            Grid.covering(n),
            2.0 * n,
            (graph, id) ->
                graph.task(
                    id,
                    Elementwise::zipZipF32,
                    new KernelContext(),
                    a.floats(),
                    a.offset(),
                    b.floats(),
                    b.offset(),
                    d.floats(),
                    d.offset(),
                    y.floats(),
                    y.offset(),
                    n,
                    run,
                    b.size(),
                    runD,
                    d.size(),
                    f,
                    g,
                    swapped));
    return launch.by(
        MatrixStep.zipZip(
            f,
            Operand.each(a),
            new Operand(b, run, b.size()),
            g,
            new Operand(d, runD, d.size()),
            swap,
            y));
  }

  static Launch expand(Operands in, Op.Expand op) {
    Buffer x = in.in(0);
    Buffer y = in.out(0);
    int n = y.size();
    int run = run(op.align(), x.size(), n);
    int period = x.size();
    return Launch.of(
            "expandF32",
            List.of(x),
            List.of(y),
            Grid.covering(n),
            0,
            (g, id) ->
                g.task(
                    id,
                    Elementwise::expandF32,
                    new KernelContext(),
                    x.floats(),
                    x.offset(),
                    y.floats(),
                    y.offset(),
                    n,
                    run,
                    period))
        .by(SmallStep.of(SmallSteps.COPY, 0, y, new Operand(x, run, period)));
  }

  /** How many neighbouring elements of the large operand share one of the small one. */
  private static int run(Align align, int small, int large) {
    return switch (align) {
      case PREFIX -> large / small;
      case SUFFIX -> 1;
    };
  }

  static Launch lerp(Operands in) {
    Buffer a = in.in(0);
    Buffer b = in.in(1);
    Buffer t = in.in(2);
    Buffer y = in.out(0);
    int n = y.size();
    return Launch.of(
            "lerpF32",
            List.of(a, b, t),
            List.of(y),
            Grid.covering(n),
            3.0 * n,
            (g, id) ->
                g.task(
                    id,
                    Elementwise::lerpF32,
                    new KernelContext(),
                    a.floats(),
                    a.offset(),
                    b.floats(),
                    b.offset(),
                    t.floats(),
                    t.offset(),
                    y.floats(),
                    y.offset(),
                    n))
        .by(SmallStep.of(SmallSteps.LERP, 0, y, Operand.each(a), Operand.each(b), Operand.each(t)));
  }

  static Launch weightedSum(Operands in, Op.WeightedSum op) {
    Buffer w = in.auxiliary();
    Buffer a = in.in(0);
    Buffer b = in.in(1);
    Buffer y = in.out(0);
    int size = y.size();
    int n = op.d() == 0 ? 1 : y.shape().dim(-1);
    Launch launch =
        Launch.of(
                "weightedSumF32",
                List.of(a, b),
                List.of(y),
                Grid.covering(size),
                3.0 * size,
                (g, id) ->
                    g.task(
                        id,
                        Elementwise::weightedSumF32,
                        new KernelContext(),
                        a.floats(),
                        a.offset(),
                        b.floats(),
                        b.offset(),
                        y.floats(),
                        y.offset(),
                        size,
                        n,
                        (float) op.a(),
                        (float) op.b(),
                        (float) op.d()))
            .by(MatrixStep.weighted(a, b, y, op.a(), op.b(), op.d()));
    return w == null
        ? launch
        : launch.by(
            SmallStep.of(
                SmallSteps.WEIGHTED_SUM, 0, y, Operand.each(a), Operand.each(b), Operand.each(w)));
  }

  static Launch addTransposed(Operands in, Op.AddTransposed op) {
    Buffer x = in.in(0);
    Buffer y = in.out(0);
    int size = y.size();
    int n = y.shape().dim(-1);
    Launch launch =
        Launch.of(
            "addTransposedF32",
            List.of(x),
            List.of(y),
            Grid.covering(size),
            3.0 * size,
            (g, id) ->
                g.task(
                    id,
                    Elementwise::addTransposedF32,
                    new KernelContext(),
                    x.floats(),
                    x.offset(),
                    y.floats(),
                    y.offset(),
                    size,
                    n,
                    (float) op.a(),
                    (float) op.b()));
    return launch.by(MatrixStep.addTransposed(x, y, op.a(), op.b()));
  }

  /** Nothing where both are one place already. */
  static List<Launch> copy(Buffer x, Buffer y) {
    if (x.startsWhere(y)) {
      return List.of();
    }
    int n = y.size();
    Launch.Task task =
        x.isReal()
            ? (g, id) ->
                g.task(
                    id,
                    Elementwise::copyF32,
                    new KernelContext(),
                    x.floats(),
                    x.offset(),
                    y.floats(),
                    y.offset(),
                    n)
            : (g, id) ->
                g.task(
                    id,
                    Elementwise::copyI32,
                    new KernelContext(),
                    x.ints(),
                    x.offset(),
                    y.ints(),
                    y.offset(),
                    n);
    Launch launch =
        Launch.of(
            x.isReal() ? "copyF32" : "copyI32", List.of(x), List.of(y), Grid.covering(n), 0, task);
    return List.of(launch.by(SmallStep.of(SmallSteps.COPY, 0, y, Operand.each(x))));
  }

  static List<Launch> concat(Operands in) {
    List<Launch> copies = new ArrayList<>();
    int at = 0;
    for (int i = 0; i < in.count(); i++) {
      Buffer x = in.in(i);
      copies.addAll(copy(x, in.out(0).view(at, x.shape())));
      at += x.size();
    }
    return copies;
  }

  private static int code(Unary f) {
    return switch (f) {
      case NEGATE -> Functions.NEGATE;
      case ABS -> Functions.ABS;
      case SIGN -> Functions.SIGN;
      case SQUARE -> Functions.SQUARE;
      case SQRT -> Functions.SQRT;
      case RECIPROCAL -> Functions.RECIPROCAL;
      case EXP -> Functions.EXP;
      case LOG -> Functions.LOG;
      case SIGMOID -> Functions.SIGMOID;
      case SILU -> Functions.SILU;
      case GELU -> Functions.GELU;
      case ROUND_BFLOAT16 -> Functions.ROUND_BFLOAT16;
    };
  }

  private static int code(Binary f) {
    return switch (f) {
      case ADD -> Functions.ADD;
      case SUB -> Functions.SUB;
      case MUL -> Functions.MUL;
      case DIV -> Functions.DIV;
      case MIN -> Functions.MIN;
      case MAX -> Functions.MAX;
    };
  }
}
