package io.manifoldmuon.model.format;

import io.manifoldmuon.linalg.BFloat16;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Values out of the stored bytes of a tensor, whatever floating type they have there. */
final class Floats {
  /** The host's own float32, at any address. */
  static final ValueLayout.OfFloat HOST = ValueLayout.JAVA_FLOAT_UNALIGNED;

  /** Float32 as files have it. */
  static final ValueLayout.OfFloat FILE = HOST.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Float64 as files have it. */
  static final ValueLayout.OfDouble FILE_F64 =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final ValueLayout.OfShort FILE_16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Floats() {}

  /** Whether values of this type can be read as float32 or float64. */
  static boolean readable(StoredType dtype) {
    return switch (dtype) {
      case F32, F64, F16, BF16 -> true;
      default -> false;
    };
  }

  /**
   * Writes every element of {@code src} to {@code dst}, in the host's byte order.
   *
   * <p><b>Error</b>: F32, F16 and BF16 are exact; F64 is rounded to the nearest float32, beyond its
   * range to infinity.
   */
  static void convert(StoredType dtype, MemorySegment src, MemorySegment dst) {
    long n = src.byteSize() * 8 / dtype.bits();
    switch (dtype) {
      case F32 -> MemorySegment.copy(src, FILE, 0, dst, HOST, 0, n);
      case F64 -> {
        for (long i = 0; i < n; i++) {
          dst.set(HOST, i * 4, (float) src.get(FILE_F64, i * 8));
        }
      }
      case F16 -> {
        for (long i = 0; i < n; i++) {
          dst.set(HOST, i * 4, Float.float16ToFloat(src.get(FILE_16, i * 2)));
        }
      }
      case BF16 -> {
        for (long i = 0; i < n; i++) {
          dst.set(HOST, i * 4, BFloat16.value(src.get(FILE_16, i * 2)));
        }
      }
      default -> throw new IllegalArgumentException(dtype + " has no conversion to float32");
    }
  }

  /** Every element of {@code src} as float64, which is exact. */
  static double[] doubles(StoredType dtype, MemorySegment src) {
    int n = Math.toIntExact(src.byteSize() * 8 / dtype.bits());
    double[] x = new double[n];
    if (dtype == StoredType.F64) {
      MemorySegment.copy(src, FILE_F64, 0, x, 0, n);
    } else {
      float[] f = new float[n];
      convert(dtype, src, MemorySegment.ofArray(f));
      for (int i = 0; i < n; i++) {
        x[i] = f[i];
      }
    }
    return x;
  }

  /** Float32 as 16-bit floats in a file's order, to the nearest, ties to even. */
  static byte[] halves(StoredType dtype, float[] x) {
    byte[] bytes = new byte[Math.multiplyExact(2, x.length)];
    MemorySegment file = MemorySegment.ofArray(bytes);
    for (int i = 0; i < x.length; i++) {
      short half =
          switch (dtype) {
            case F16 -> Float.floatToFloat16(x[i]);
            case BF16 -> BFloat16.bits(x[i]);
            default -> throw new IllegalArgumentException(dtype + " is no type of 16-bit floats");
          };
      float back = dtype == StoredType.F16 ? Float.float16ToFloat(half) : BFloat16.value(half);
      if (Float.isInfinite(back) && !Float.isInfinite(x[i])) {
        throw new ArithmeticException(x[i] + " is beyond the range of " + dtype);
      }
      file.set(FILE_16, 2L * i, half);
    }
    return bytes;
  }
}
