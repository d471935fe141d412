package uk.ac.manchester.tornado.api.types.vectors;

import java.nio.IntBuffer;
import java.util.Arrays;

/** What all vectors of type {@code int} have. */
abstract class IntLanes implements TornadoVectorsInterface<IntBuffer> {
  private static final long serialVersionUID = 1;

  final int[] lanes;

  IntLanes(int width) {
    lanes = new int[width];
  }

  static <V extends IntLanes> V add(V out, V a, V b) {
    for (int i = 0; i < out.lanes.length; i++) {
      out.lanes[i] = a.lanes[i] + b.lanes[i];
    }
    return out;
  }

  static <V extends IntLanes> V sub(V out, V a, V b) {
    for (int i = 0; i < out.lanes.length; i++) {
      out.lanes[i] = a.lanes[i] - b.lanes[i];
    }
    return out;
  }

  static <V extends IntLanes> V mult(V out, V a, V b) {
    for (int i = 0; i < out.lanes.length; i++) {
      out.lanes[i] = a.lanes[i] * b.lanes[i];
    }
    return out;
  }

  static <V extends IntLanes> V div(V out, V a, V b) {
    for (int i = 0; i < out.lanes.length; i++) {
      out.lanes[i] = a.lanes[i] / b.lanes[i];
    }
    return out;
  }

  static <V extends IntLanes> V min(V out, V a, V b) {
    for (int i = 0; i < out.lanes.length; i++) {
      out.lanes[i] = Math.min(a.lanes[i], b.lanes[i]);
    }
    return out;
  }

  static <V extends IntLanes> V max(V out, V a, V b) {
    for (int i = 0; i < out.lanes.length; i++) {
      out.lanes[i] = Math.max(a.lanes[i], b.lanes[i]);
    }
    return out;
  }

  static <V extends IntLanes> V add(V out, V a, int b) {
    for (int i = 0; i < out.lanes.length; i++) {
      out.lanes[i] = a.lanes[i] + b;
    }
    return out;
  }

  static <V extends IntLanes> V sub(V out, V a, int b) {
    for (int i = 0; i < out.lanes.length; i++) {
      out.lanes[i] = a.lanes[i] - b;
    }
    return out;
  }

  static <V extends IntLanes> V mult(V out, V a, int b) {
    for (int i = 0; i < out.lanes.length; i++) {
      out.lanes[i] = a.lanes[i] * b;
    }
    return out;
  }

  static <V extends IntLanes> V div(V out, V a, int b) {
    for (int i = 0; i < out.lanes.length; i++) {
      out.lanes[i] = a.lanes[i] / b;
    }
    return out;
  }

  static int minLane(IntLanes a) {
    int least = a.lanes[0];
    for (int lane : a.lanes) {
      least = Math.min(least, lane);
    }
    return least;
  }

  static int maxLane(IntLanes a) {
    int most = a.lanes[0];
    for (int lane : a.lanes) {
      most = Math.max(most, lane);
    }
    return most;
  }

  static int dotLanes(IntLanes a, IntLanes b) {
    int sum = 0;
    for (int i = 0; i < a.lanes.length; i++) {
      sum += a.lanes[i] * b.lanes[i];
    }
    return sum;
  }

  static boolean sameLanes(IntLanes a, IntLanes b) {
    return Arrays.equals(a.lanes, b.lanes);
  }

  final void copyLanes(IntLanes other) {
    System.arraycopy(other.lanes, 0, lanes, 0, lanes.length);
  }

  /** The lane at {@code index}. */
  public int get(int index) {
    return lanes[index];
  }

  /** Sets the lane at {@code index}. */
  public void set(int index, int value) {
    lanes[index] = value;
  }

  /** The lanes themselves. */
  public int[] getArray() {
    return lanes;
  }

  /** The lanes themselves. */
  public int[] toArray() {
    return lanes;
  }

  @Override
  public int size() {
    return lanes.length;
  }

  @Override
  public long getNumBytes() {
    return (long) lanes.length * Integer.BYTES;
  }

  @Override
  public void loadFromBuffer(IntBuffer buffer) {
    asBuffer().put(buffer);
  }

  @Override
  public IntBuffer asBuffer() {
    return IntBuffer.wrap(lanes);
  }

  @Override
  public String toString() {
    return Arrays.toString(lanes);
  }
}
