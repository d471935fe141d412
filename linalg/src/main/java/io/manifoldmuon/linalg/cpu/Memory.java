package io.manifoldmuon.linalg.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Loads and stores at raw addresses. Kernels work on addresses that the {@code StoragePlan} gave
 * out; bounds are settled there, once, and not at every access.
 */
final class Memory {
  /** The widest vectors of this processor. */
  static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  /** Lanes of a vector. */
  static final int LANES = SPECIES.length();

  @SuppressWarnings("restricted") // the planner is the one who settles bounds
  private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  private Memory() {}

  static FloatVector load(long base, long index) {
    return FloatVector.fromMemorySegment(SPECIES, ALL, base + 4 * index, ORDER);
  }

  static void store(long base, long index, FloatVector v) {
    v.intoMemorySegment(ALL, base + 4 * index, ORDER);
  }

  static float get(long base, long index) {
    return ALL.get(ValueLayout.JAVA_FLOAT, base + 4 * index);
  }

  static void set(long base, long index, float value) {
    ALL.set(ValueLayout.JAVA_FLOAT, base + 4 * index, value);
  }

  static double getDouble(long base, long index) {
    return ALL.get(ValueLayout.JAVA_DOUBLE, base + 8 * index);
  }

  static void setDouble(long base, long index, double value) {
    ALL.set(ValueLayout.JAVA_DOUBLE, base + 8 * index, value);
  }

  static int getInt(long base, long index) {
    return ALL.get(ValueLayout.JAVA_INT, base + 4 * index);
  }

  static void setInt(long base, long index, int value) {
    ALL.set(ValueLayout.JAVA_INT, base + 4 * index, value);
  }

  /** Copies {@code count} elements of four bytes. */
  static void copy(long from, long to, long count) {
    MemorySegment.copy(ALL, from, ALL, to, 4 * count);
  }

  /** Sets {@code count} elements of four bytes to zero. */
  static void zero(long base, long count) {
    ALL.asSlice(base, 4 * count).fill((byte) 0);
  }

  static void read(long base, float[] to) {
    MemorySegment.copy(ALL, ValueLayout.JAVA_FLOAT, base, to, 0, to.length);
  }

  static void read(long base, int[] to) {
    MemorySegment.copy(ALL, ValueLayout.JAVA_INT, base, to, 0, to.length);
  }

  static void write(float[] from, long base) {
    MemorySegment.copy(from, 0, ALL, ValueLayout.JAVA_FLOAT, base, from.length);
  }

  static void write(int[] from, long base) {
    MemorySegment.copy(from, 0, ALL, ValueLayout.JAVA_INT, base, from.length);
  }
}
