package io.manifoldmuon.linalg.cpu;

import static io.manifoldmuon.linalg.cpu.Memory.get;

import io.manifoldmuon.linalg.graph.Binary;
import io.manifoldmuon.linalg.graph.Node;
import io.manifoldmuon.linalg.graph.Op;
import io.manifoldmuon.linalg.graph.Unary;

/** Kernels that work element by element. */
final class ElementKernels {
  private final Context c;

  ElementKernels(Context c) {
    this.c = c;
  }

  Kernel map(Node n, Unary f) {
    long x = c.in(n, 0);
    long y = c.out(n, 0);
    return c.elements(c.outShape(n, 0).size(), (from, to) -> Elementwise.map(f, x, y, from, to));
  }

  Kernel mapBackward(Node n, Unary f) {
    long x = c.in(n, 0);
    long dy = c.in(n, 1);
    long dx = c.out(n, 0);
    return c.elements(
        c.outShape(n, 0).size(), (from, to) -> Elementwise.mapBackward(f, x, dy, dx, from, to));
  }

  Kernel zip(Node n, Op.Zip o) {
    long a = c.in(n, 0);
    long b = c.in(n, 1);
    long y = c.out(n, 0);
    Binary f = o.f();
    long size = c.inShape(n, 0).size();
    long small = c.inShape(n, 1).size();
    if (small == size) {
      return c.elements(size, (from, to) -> Elementwise.zip(f, a, b, y, from, to));
    }
    if (small == 1) {
      return c.elements(size, (from, to) -> Elementwise.zipScalar(f, a, get(b, 0), y, from, to));
    }
    return switch (o.align()) {
      case PREFIX -> zipRows(f, a, b, y, small, size / small);
      case SUFFIX -> {
        int width = (int) small;
        yield c.rows(
            (int) (size / width),
            width,
            (from, to) -> {
              for (long r = from; r < to; r++) {
                long at = 4 * r * width;
                Elementwise.zip(f, a + at, b, y + at, 0, width);
              }
            });
      }
    };
  }

  /**
   * One b for each of {@code count} runs of {@code length} elements, whatever their proportions.
   */
  private Kernel zipRows(Binary f, long a, long b, long y, long count, long length) {
    return c.elements(
        count * length,
        (from, to) -> {
          for (long i = from; i < to; ) {
            long stop = Math.min(to, (i / length + 1) * length);
            Elementwise.zipScalar(f, a, get(b, i / length), y, i, stop);
            i = stop;
          }
        });
  }

  Kernel expand(Node n, Op.Expand o) {
    long x = c.in(n, 0);
    long y = c.out(n, 0);
    long size = o.shape().size();
    long small = c.inShape(n, 0).size();
    return switch (o.align()) {
      case PREFIX ->
          c.elements(
              size,
              (from, to) -> {
                long length = size / small;
                for (long i = from; i < to; ) {
                  long stop = Math.min(to, (i / length + 1) * length);
                  Elementwise.fill(y, get(x, i / length), i, stop);
                  i = stop;
                }
              });
      case SUFFIX ->
          c.rows(
              (int) (size / small),
              small,
              (from, to) -> {
                for (long r = from; r < to; r++) {
                  Memory.copy(x, y + 4 * r * small, small);
                }
              });
    };
  }

  Kernel lerp(Node n) {
    long a = c.in(n, 0);
    long b = c.in(n, 1);
    long t = c.in(n, 2);
    long y = c.out(n, 0);
    return c.elements(
        c.outShape(n, 0).size(), (from, to) -> Elementwise.lerp(a, b, get(t, 0), y, from, to));
  }

  Kernel adamW(Node n) {
    Rows.AdamWBuffers buffers =
        new Rows.AdamWBuffers(
            c.in(n, 0), c.in(n, 1), c.in(n, 2), c.in(n, 3), c.out(n, 0), c.out(n, 1), c.out(n, 2));
    Rows.AdamWScalars scalars = new Rows.AdamWScalars();
    Kernel update =
        c.elements(c.inShape(n, 0).size(), (from, to) -> Rows.adamW(buffers, scalars, from, to));
    return () -> {
      readScalars(n, scalars);
      update.run();
    };
  }

  private void readScalars(Node n, Rows.AdamWScalars s) {
    double lr = get(c.in(n, 5), 0);
    double beta1 = get(c.in(n, 6), 0);
    double beta2 = get(c.in(n, 7), 0);
    double decay = get(c.in(n, 9), 0);
    double t = get(c.in(n, 10), 0);
    s.gradScale = get(c.in(n, 4), 0);
    s.beta1 = (float) beta1;
    s.beta2 = (float) beta2;
    s.correction = (float) (1 / Math.sqrt(1 - Math.pow(beta2, t)));
    s.epsilon = get(c.in(n, 8), 0);
    s.stepSize = (float) (lr / (1 - Math.pow(beta1, t)));
    s.keep = (float) (1 - lr * decay);
  }
}
