package io.manifoldmuon.emulator.run;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.enums.MMAShape;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.DeviceViews;
import uk.ac.manchester.tornado.api.types.arrays.DoubleArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/** What a kernel knows of one work-item of a launch. */
final class WorkItem extends KernelContext {
  private final Launch launch;
  private final int inGroup;
  private int arrays;
  private Warp warp;

  WorkItem(Launch launch, Grid grid, int[] group, int inGroup) {
    int[] local = grid.local(inGroup);
    super(grid.global(group, local), group, local, grid.global(), grid.local());
    this.launch = launch;
    this.inGroup = inGroup;
  }

  @Override
  public void localBarrier() {
    launch.barrier(inGroup, false);
  }

  @Override
  public void globalBarrier() {
    launch.barrier(inGroup, true);
  }

  private Object array(Class<?> type, int bytesEach, int size) {
    return launch.localArray(arrays++, type, bytesEach, size);
  }

  @Override
  public float[] allocateFloatLocalArray(int size) {
    return (float[]) array(float.class, Float.BYTES, size);
  }

  @Override
  public double[] allocateDoubleLocalArray(int size) {
    return (double[]) array(double.class, Double.BYTES, size);
  }

  @Override
  public int[] allocateIntLocalArray(int size) {
    return (int[]) array(int.class, Integer.BYTES, size);
  }

  @Override
  public long[] allocateLongLocalArray(int size) {
    return (long[]) array(long.class, Long.BYTES, size);
  }

  @Override
  public byte[] allocateByteLocalArray(int size) {
    return (byte[]) array(byte.class, Byte.BYTES, size);
  }

  @Override
  public void atomicAdd(IntArray array, int index, int value) {
    DeviceViews.atomicAdd(array, index, value);
  }

  @Override
  public void atomicAdd(LongArray array, int index, long value) {
    DeviceViews.atomicAdd(array, index, value);
  }

  @Override
  public void atomicAdd(int[] array, int index, int value) {
    launch.localArrays().change(array, index, array.length);
    array[index] += value;
  }

  @Override
  public void atomicAdd(FloatArray array, int index, float value) {
    throw launch.unsupported("adds to a FloatArray atomically, which OpenCL devices reject");
  }

  @Override
  public void atomicAdd(DoubleArray array, int index, double value) {
    throw launch.unsupported("adds to a DoubleArray atomically, which OpenCL devices reject");
  }

  // ---- tensor cores -------------------------------------------------------------------------

  private Warp warp() {
    if (warp == null) {
      warp = launch.warp(inGroup);
    }
    return warp;
  }

  @Override
  public float[] mmaFragment(float value) {
    return new float[] {value, value, value, value};
  }

  @Override
  public HalfFloat[] mmaLoadA(int[] tile, int k, int byteOffset) {
    return warp().rows(tile, k, byteOffset);
  }

  @Override
  public HalfFloat[] mmaLoadB(int[] tile, int k, int byteOffset) {
    return warp().columns(tile, k, byteOffset);
  }

  @Override
  public float[] mmaBF16(HalfFloat[] a, HalfFloat[] b, float[] c, MMAShape shape) {
    launch.multiplied(inGroup);
    return warp().multiply(a, b, c, shape);
  }

  @Override
  public void mmaStore(float[] c, FloatArray matrix, int row, int column, int n) {
    warp().store(c, matrix, row, column, n);
  }
}
