package io.manifoldmuon.kernels.host;

import io.manifoldmuon.kernels.device.Marks;
import java.util.ArrayList;
import java.util.List;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** Launches of {@link Marks}. */
final class MarkLaunches {
  /** A launch and the arrays that it touches. */
  record Mark(Launch launch, List<TornadoNativeArray> arrays, boolean sent) {}

  private MarkLaunches() {}

  /** Touches all of the arrays; they have been sent, or have no content. */
  static List<Mark> of(List<TornadoNativeArray> arrays, boolean sent) {
    List<FloatArray> reals = new ArrayList<>();
    List<IntArray> integers = new ArrayList<>();
    for (TornadoNativeArray a : arrays) {
      if (a instanceof FloatArray x) {
        reals.add(x);
      } else {
        integers.add((IntArray) a);
      }
    }
    List<Mark> marks = new ArrayList<>();
    parts(reals).forEach(p -> marks.add(new Mark(reals(p, sent), List.copyOf(p), sent)));
    parts(integers).forEach(p -> marks.add(new Mark(integers(p, sent), List.copyOf(p), sent)));
    return marks;
  }

  /** Lists of {@link Marks#MANY}, and of one each for the rest. */
  private static <A> List<List<A>> parts(List<A> arrays) {
    List<List<A>> parts = new ArrayList<>();
    int whole = arrays.size() / Marks.MANY * Marks.MANY;
    for (int i = 0; i < whole; i += Marks.MANY) {
      parts.add(arrays.subList(i, i + Marks.MANY));
    }
    arrays.subList(whole, arrays.size()).forEach(a -> parts.add(List.of(a)));
    return parts;
  }

  private static Launch reals(List<FloatArray> a, boolean sent) {
    KernelContext c = new KernelContext();
    if (a.size() == 1) {
      return sent
          ? launch("keepF32", (g, id) -> g.task(id, Marks::keepF32, c, a.getFirst()))
          : launch("beginF32", (g, id) -> g.task(id, Marks::beginF32, c, a.getFirst()));
    }
    return launch(
        sent ? "keepManyF32" : "beginManyF32",
        (g, id) ->
            g.task(
                id,
                sent ? Marks::keepManyF32 : Marks::beginManyF32,
                c,
                a.get(0),
                a.get(1),
                a.get(2),
                a.get(3),
                a.get(4),
                a.get(5),
                a.get(6),
                a.get(7),
                a.get(8),
                a.get(9),
                a.get(10),
                a.get(11)));
  }

  private static Launch integers(List<IntArray> a, boolean sent) {
    KernelContext c = new KernelContext();
    if (a.size() == 1) {
      return sent
          ? launch("keepI32", (g, id) -> g.task(id, Marks::keepI32, c, a.getFirst()))
          : launch("beginI32", (g, id) -> g.task(id, Marks::beginI32, c, a.getFirst()));
    }
    return launch(
        sent ? "keepManyI32" : "beginManyI32",
        (g, id) ->
            g.task(
                id,
                sent ? Marks::keepManyI32 : Marks::beginManyI32,
                c,
                a.get(0),
                a.get(1),
                a.get(2),
                a.get(3),
                a.get(4),
                a.get(5),
                a.get(6),
                a.get(7),
                a.get(8),
                a.get(9),
                a.get(10),
                a.get(11)));
  }

  private static Launch launch(String name, Launch.Task task) {
    return Launch.of(name, List.of(), List.of(), Grid.covering(1, 1), 0, task);
  }
}
