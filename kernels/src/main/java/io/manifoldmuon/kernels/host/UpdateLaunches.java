package io.manifoldmuon.kernels.host;

import io.manifoldmuon.kernels.device.SmallSteps;
import io.manifoldmuon.kernels.device.Updates;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.graph.Op;
import java.util.ArrayList;
import java.util.List;
import uk.ac.manchester.tornado.api.KernelContext;

/** Launches of {@link Updates}. */
final class UpdateLaunches {
  /** The scratch elements of {@link #adamW}: its seven scalars side by side, packed in fours. */
  static final int SCALARS = 8;

  private UpdateLaunches() {}

  static List<Launch> adamW(Operands in) {
    List<Launch> launches = new ArrayList<>();
    launches.addAll(ElementwiseLaunches.copy(in.in(0), in.out(0)));
    launches.addAll(ElementwiseLaunches.copy(in.in(2), in.out(1)));
    launches.addAll(ElementwiseLaunches.copy(in.in(3), in.out(2)));
    Buffer s = in.scratch(0);
    launches.add(pack(in.in(4), in.in(5), in.in(6), in.in(7), s.view(0, Shape.of(4))));
    launches.add(pack(in.in(8), in.in(9), in.in(10), in.in(10), s.view(4, Shape.of(4))));
    Buffer p = in.out(0);
    Buffer g = in.in(1);
    Buffer m = in.out(1);
    Buffer v = in.out(2);
    launches.add(
        Launch.of(
            "adamWF32",
            List.of(p, g, m, v, s),
            List.of(p, m, v),
            Grid.covering(p.size()),
            20.0 * p.size(),
            (graph, id) ->
                graph.task(
                    id,
                    Updates::adamWF32,
                    new KernelContext(),
                    p.floats(),
                    p.offset(),
                    g.floats(),
                    g.offset(),
                    m.floats(),
                    m.offset(),
                    v.floats(),
                    v.offset(),
                    s.floats(),
                    s.offset(),
                    p.size())));
    return launches;
  }

  private static Launch pack(Buffer a, Buffer b, Buffer c, Buffer d, Buffer y) {
    return Launch.of(
            "packF32",
            List.of(a, b, c, d),
            List.of(y),
            Grid.covering(1),
            0,
            (g, id) ->
                g.task(
                    id,
                    Updates::packF32,
                    new KernelContext(),
                    a.floats(),
                    a.offset(),
                    b.floats(),
                    b.offset(),
                    c.floats(),
                    c.offset(),
                    d.floats(),
                    d.offset(),
                    y.floats(),
                    y.offset()))
        .by(copy(a, y, 0), copy(b, y, 1), copy(c, y, 2), copy(d, y, 3));
  }

  private static SmallStep copy(Buffer x, Buffer y, int place) {
    Buffer to = y.view(place, Shape.of(1));
    return SmallStep.of(SmallSteps.COPY, 0, to, SmallStep.Operand.each(x));
  }

  static Launch noise(Operands in, Op.GaussianNoise op) {
    Buffer seed = in.in(0);
    Buffer y = in.out(0);
    long stream = op.stream();
    return Launch.of(
        "gaussianF32",
        List.of(seed),
        List.of(y),
        Grid.covering(y.size()),
        60.0 * y.size(),
        (g, id) ->
            g.task(
                id,
                Updates::gaussianF32,
                new KernelContext(),
                seed.ints(),
                seed.offset(),
                y.floats(),
                y.offset(),
                y.size(),
                stream));
  }
}
