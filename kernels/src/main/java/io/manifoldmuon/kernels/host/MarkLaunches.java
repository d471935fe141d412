package io.manifoldmuon.kernels.host;

import io.manifoldmuon.kernels.device.Marks;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
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
    parts(reals, () -> new FloatArray(1))
        .forEach(p -> marks.add(new Mark(reals(p, sent), List.copyOf(p), sent)));
    parts(integers, () -> new IntArray(1))
        .forEach(p -> marks.add(new Mark(integers(p, sent), List.copyOf(p), sent)));
    return marks;
  }

  /** Lists of {@link Marks#MANY}, the last one filled up with arrays that serve nothing else. */
  private static <A> List<List<A>> parts(List<A> arrays, Supplier<A> spare) {
    List<A> all = new ArrayList<>(arrays);
    while (all.size() % Marks.MANY != 0) {
      all.add(spare.get());
    }
    List<List<A>> parts = new ArrayList<>();
    for (int i = 0; i < all.size(); i += Marks.MANY) {
      parts.add(all.subList(i, i + Marks.MANY));
    }
    return parts;
  }

  private static Launch reals(List<FloatArray> a, boolean sent) {
    KernelContext c = new KernelContext();
    return launch(
        sent ? "keepF32" : "beginF32",
        (g, id) ->
            g.task(
                id,
                sent ? Marks::keepF32 : Marks::beginF32,
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
    return launch(
        sent ? "keepI32" : "beginI32",
        (g, id) ->
            g.task(
                id,
                sent ? Marks::keepI32 : Marks::beginI32,
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
