package io.manifoldmuon.emulator.run;

import io.manifoldmuon.emulator.Fault;
import uk.ac.manchester.tornado.api.enums.MMAShape;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * What one work-item does when the 32 of a warp multiply a 16 × 16 by a 16 × 8 matrix together: it
 * makes four elements of the result, in rows r and r + 8 and columns c and c + 1.
 *
 * <p>On a device each holds a part of the operands, and they exchange them; here each reads the two
 * rows and the two columns that it needs.
 *
 * <p><b>Source</b> PTX ISA 8.5, section 9.7.14.5, "mma.m16n8k16", for which element is whose.
 */
final class Warp {
  /** Work-items of a warp. */
  static final int SIZE = 32;

  private static final int TERMS = 16;
  private static final int COLUMNS = 8;

  /** Addresses of rows have to be multiples of this. */
  private static final int ALIGNMENT = 16;

  private final Launch launch;
  private final int row;
  private final int column;

  /** A share of an operand: two rows, or two columns. */
  private static final class Share extends HalfFloat {
    private final float[] first = new float[TERMS];
    private final float[] second = new float[TERMS];

    Share() {
      super((short) 0);
    }
  }

  /** The share of a work-item. */
  Warp(Launch launch, int lane) {
    this.launch = launch;
    row = lane / 4;
    column = lane % 4 * 2;
  }

  HalfFloat[] rows(int[] tile, int k, int byteOffset) {
    check(tile, k, byteOffset);
    Share share = new Share();
    for (int q = 0; q < TERMS; q++) {
      share.first[q] = number(tile, byteOffset + 2 * (row * TERMS + q));
      share.second[q] = number(tile, byteOffset + 2 * ((row + 8) * TERMS + q));
    }
    return new HalfFloat[] {share};
  }

  HalfFloat[] columns(int[] tile, int k, int byteOffset) {
    check(tile, k, byteOffset);
    Share share = new Share();
    for (int q = 0; q < TERMS; q++) {
      share.first[q] = number(tile, byteOffset + 2 * (q * COLUMNS + column));
      share.second[q] = number(tile, byteOffset + 2 * (q * COLUMNS + column + 1));
    }
    return new HalfFloat[] {share};
  }

  private void check(int[] tile, int k, int byteOffset) {
    if (!launch.localArrays().contains(tile)) {
      throw launch.fault(Fault.KERNEL, "loads a matrix from an array that is not a local one");
    }
    if (k != TERMS || byteOffset % ALIGNMENT != 0) {
      throw launch.fault(
          Fault.KERNEL,
          "loads a matrix of %d terms from byte %d on, wanted %d and a multiple of %d"
              .formatted(k, byteOffset, TERMS, ALIGNMENT));
    }
  }

  /** The bfloat16 at a byte of a local array. */
  private static float number(int[] tile, int at) {
    int pair = Checks.load(tile, at / Integer.BYTES);
    return Float.intBitsToFloat(at % Integer.BYTES == 0 ? pair << 16 : pair & 0xFFFF0000);
  }

  float[] multiply(HalfFloat[] a, HalfFloat[] b, float[] c, MMAShape shape) {
    if (shape != MMAShape.M16N8K16 || !(a[0] instanceof Share x) || !(b[0] instanceof Share y)) {
      throw launch.fault(
          Fault.KERNEL, "multiplies what mmaLoadA and mmaLoadB have not loaded, as " + shape);
    }
    return new float[] {
      c[0] + sum(x.first, y.first),
      c[1] + sum(x.first, y.second),
      c[2] + sum(x.second, y.first),
      c[3] + sum(x.second, y.second)
    };
  }

  private static float sum(float[] a, float[] b) {
    float sum = 0;
    for (int q = 0; q < TERMS; q++) {
      sum += a[q] * b[q];
    }
    return sum;
  }

  void store(float[] c, FloatArray matrix, int top, int left, int n) {
    for (int i = 0; i < c.length; i++) {
      matrix.set((top + row + i / 2 * 8) * n + left + column + i % 2, c[i]);
    }
  }
}
