package io.manifoldmuon.kernels.host;

import io.manifoldmuon.linalg.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** Copies between Java arrays and the host side of buffers, in bulk. */
final class HostCopies {
  private HostCopies() {}

  private static MemorySegment place(Buffer b) {
    return b.array().getSegment().asSlice(4L * b.offset(), b.bytes());
  }

  static void write(Buffer b, float[] x) {
    MemorySegment.copy(x, 0, place(b), ValueLayout.JAVA_FLOAT, 0, b.size());
  }

  static void write(Buffer b, int[] x) {
    MemorySegment.copy(x, 0, place(b), ValueLayout.JAVA_INT, 0, b.size());
  }

  static void write(Buffer b, Tensor x) {
    if (b.isReal()) {
      write(b, x.floats());
    } else {
      write(b, x.ints());
    }
  }

  static void fill(Buffer b, float value) {
    float[] x = new float[b.size()];
    Arrays.fill(x, value);
    write(b, x);
  }

  /** A copy of the host side. */
  static Tensor read(Buffer b) {
    if (b.isReal()) {
      float[] x = new float[b.size()];
      MemorySegment.copy(place(b), ValueLayout.JAVA_FLOAT, 0, x, 0, x.length);
      return Tensor.of(b.shape(), x);
    }
    int[] x = new int[b.size()];
    MemorySegment.copy(place(b), ValueLayout.JAVA_INT, 0, x, 0, x.length);
    return Tensor.of(b.shape(), x);
  }

  /** The first element of the host side. */
  static double scalar(Buffer b) {
    return b.isReal() ? b.floats().get(b.offset()) : b.ints().get(b.offset());
  }
}
