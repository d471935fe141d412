package uk.ac.manchester.tornado.api;

import uk.ac.manchester.tornado.api.enums.MMAShape;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.DoubleArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/**
 * What a kernel knows of the work-item that runs it.
 *
 * <p>An object of this class itself is what the host hands to a task, and what a kernel may be
 * called with directly: then there is one work-item, number 0, whose barriers do nothing.
 */
public class KernelContext {
  /** The work-item's index among all, first dimension. */
  public final Integer globalIdx;

  /** The work-item's index among all, second dimension. */
  public final Integer globalIdy;

  /** The work-item's index among all, third dimension. */
  public final Integer globalIdz;

  /** The group's index, first dimension. */
  public final Integer groupIdx;

  /** The group's index, second dimension. */
  public final Integer groupIdy;

  /** The group's index, third dimension. */
  public final Integer groupIdz;

  /** The work-item's index in its group, first dimension. */
  public final Integer localIdx;

  /** The work-item's index in its group, second dimension. */
  public final Integer localIdy;

  /** The work-item's index in its group, third dimension. */
  public final Integer localIdz;

  /** Work-items, first dimension. */
  public final Integer globalGroupSizeX;

  /** Work-items, second dimension. */
  public final Integer globalGroupSizeY;

  /** Work-items, third dimension. */
  public final Integer globalGroupSizeZ;

  /** Work-items in a group, first dimension. */
  public final Integer localGroupSizeX;

  /** Work-items in a group, second dimension. */
  public final Integer localGroupSizeY;

  /** Work-items in a group, third dimension. */
  public final Integer localGroupSizeZ;

  /** What the host hands to a task. */
  public KernelContext() {
    this(new int[3], new int[3], new int[3], new int[3], new int[3]);
  }

  /** What one work-item has; for the emulator, not part of TornadoVM's API. */
  protected KernelContext(
      int[] global, int[] group, int[] local, int[] globalSize, int[] localSize) {
    globalIdx = global[0];
    globalIdy = global[1];
    globalIdz = global[2];
    groupIdx = group[0];
    groupIdy = group[1];
    groupIdz = group[2];
    localIdx = local[0];
    localIdy = local[1];
    localIdz = local[2];
    globalGroupSizeX = globalSize[0];
    globalGroupSizeY = globalSize[1];
    globalGroupSizeZ = globalSize[2];
    localGroupSizeX = localSize[0];
    localGroupSizeY = localSize[1];
    localGroupSizeZ = localSize[2];
  }

  /** Waits for the whole group, and makes its writes to local arrays visible to it. */
  public void localBarrier() {}

  /** Waits for the whole group, and makes its writes to global arrays visible to it. */
  public void globalBarrier() {}

  /** An array that the group shares. */
  public int[] allocateIntLocalArray(int size) {
    return new int[size];
  }

  /** An array that the group shares. */
  public byte[] allocateByteLocalArray(int size) {
    return new byte[size];
  }

  /** An array that the group shares. */
  public long[] allocateLongLocalArray(int size) {
    return new long[size];
  }

  /** An array that the group shares. */
  public float[] allocateFloatLocalArray(int size) {
    return new float[size];
  }

  /** An array that the group shares. */
  public double[] allocateDoubleLocalArray(int size) {
    return new double[size];
  }

  /** Adds {@code value} to an element at once. */
  public void atomicAdd(IntArray array, int index, int value) {
    array.set(index, array.get(index) + value);
  }

  /** Adds {@code value} to an element of a local array at once. */
  public void atomicAdd(int[] array, int index, int value) {
    array[index] += value;
  }

  /** Adds {@code value} to an element at once. */
  public void atomicAdd(LongArray array, int index, long value) {
    array.set(index, array.get(index) + value);
  }

  /** Adds {@code value} to an element at once, which not every device can. */
  public void atomicAdd(FloatArray array, int index, float value) {
    array.set(index, array.get(index) + value);
  }

  /** Adds {@code value} to an element at once, which not every device can. */
  public void atomicAdd(DoubleArray array, int index, double value) {
    array.set(index, array.get(index) + value);
  }

  /** Four sums of a 16 × 8 matrix C of which each of 32 work-items has a share. */
  public float[] mmaFragment(float value) {
    throw noWarp();
  }

  /**
   * This work-item's share of a 16 × 16 matrix of 16-bit numbers, row by row in a local array.
   *
   * @param tile a local array, two numbers an element, the first in the lower half
   * @param k the columns, 16
   * @param byteOffset where the matrix begins
   */
  public HalfFloat[] mmaLoadA(int[] tile, int k, int byteOffset) {
    throw noWarp();
  }

  /** The same for a 16 × 8 matrix, row by row. */
  public HalfFloat[] mmaLoadB(int[] tile, int k, int byteOffset) {
    throw noWarp();
  }

  /** A·B + C for A and B of bfloat16 numbers. */
  public float[] mmaBF16(HalfFloat[] a, HalfFloat[] b, float[] c, MMAShape shape) {
    throw noWarp();
  }

  /** Writes C from row {@code row} and column {@code column} of a matrix with n columns on. */
  public void mmaStore(float[] c, FloatArray matrix, int row, int column, int n) {
    throw noWarp();
  }

  private static UnsupportedOperationException noWarp() {
    return new UnsupportedOperationException(
        "tensor cores: one work-item alone was given, wanted the 32 of a warp; run it as a task");
  }
}
