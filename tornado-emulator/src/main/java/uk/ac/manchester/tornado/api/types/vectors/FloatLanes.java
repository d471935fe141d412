package uk.ac.manchester.tornado.api.types.vectors;

import java.nio.FloatBuffer;
import java.util.Arrays;

/** What all vectors of type {@code float} have. */
abstract class FloatLanes implements TornadoVectorsInterface<FloatBuffer> {
  private static final long serialVersionUID = 1;

  final float[] lanes;

  FloatLanes(int width) {
    lanes = new float[width];
  }

  static <V extends FloatLanes> V add(V out, V a, V b) {
    for (int i = 0; i < out.lanes.length; i++) {
      out.lanes[i] = a.lanes[i] + b.lanes[i];
    }
    return out;
  }

  static <V extends FloatLanes> V sub(V out, V a, V b) {
    for (int i = 0; i < out.lanes.length; i++) {
      out.lanes[i] = a.lanes[i] - b.lanes[i];
    }
    return out;
  }

  static <V extends FloatLanes> V mult(V out, V a, V b) {
    for (int i = 0; i < out.lanes.length; i++) {
      out.lanes[i] = a.lanes[i] * b.lanes[i];
    }
    return out;
  }

  static <V extends FloatLanes> V div(V out, V a, V b) {
    for (int i = 0; i < out.lanes.length; i++) {
      out.lanes[i] = a.lanes[i] / b.lanes[i];
    }
    return out;
  }

  static <V extends FloatLanes> V min(V out, V a, V b) {
    for (int i = 0; i < out.lanes.length; i++) {
      out.lanes[i] = Math.min(a.lanes[i], b.lanes[i]);
    }
    return out;
  }

  static <V extends FloatLanes> V max(V out, V a, V b) {
    for (int i = 0; i < out.lanes.length; i++) {
      out.lanes[i] = Math.max(a.lanes[i], b.lanes[i]);
    }
    return out;
  }

  static <V extends FloatLanes> V add(V out, V a, float b) {
    for (int i = 0; i < out.lanes.length; i++) {
      out.lanes[i] = a.lanes[i] + b;
    }
    return out;
  }

  static <V extends FloatLanes> V sub(V out, V a, float b) {
    for (int i = 0; i < out.lanes.length; i++) {
      out.lanes[i] = a.lanes[i] - b;
    }
    return out;
  }

  static <V extends FloatLanes> V mult(V out, V a, float b) {
    for (int i = 0; i < out.lanes.length; i++) {
      out.lanes[i] = a.lanes[i] * b;
    }
    return out;
  }

  static <V extends FloatLanes> V div(V out, V a, float b) {
    for (int i = 0; i < out.lanes.length; i++) {
      out.lanes[i] = a.lanes[i] / b;
    }
    return out;
  }

  static <V extends FloatLanes> V sqrt(V out, V a) {
    for (int i = 0; i < out.lanes.length; i++) {
      out.lanes[i] = (float) Math.sqrt(a.lanes[i]);
    }
    return out;
  }

  static float sumLanes(FloatLanes a) {
    float sum = 0;
    for (float lane : a.lanes) {
      sum += lane;
    }
    return sum;
  }

  static float minLane(FloatLanes a) {
    float least = a.lanes[0];
    for (float lane : a.lanes) {
      least = Math.min(least, lane);
    }
    return least;
  }

  static float maxLane(FloatLanes a) {
    float most = a.lanes[0];
    for (float lane : a.lanes) {
      most = Math.max(most, lane);
    }
    return most;
  }

  static float dotLanes(FloatLanes a, FloatLanes b) {
    float sum = 0;
    for (int i = 0; i < a.lanes.length; i++) {
      sum += a.lanes[i] * b.lanes[i];
    }
    return sum;
  }

  static boolean sameLanes(FloatLanes a, FloatLanes b) {
    return Arrays.equals(a.lanes, b.lanes);
  }

  final void copyLanes(FloatLanes other) {
    System.arraycopy(other.lanes, 0, lanes, 0, lanes.length);
  }

  /** The lane at {@code index}. */
  public float get(int index) {
    return lanes[index];
  }

  /** Sets the lane at {@code index}. */
  public void set(int index, float value) {
    lanes[index] = value;
  }

  /** The lanes themselves. */
  public float[] getArray() {
    return lanes;
  }

  /** The lanes themselves. */
  public float[] toArray() {
    return lanes;
  }

  @Override
  public int size() {
    return lanes.length;
  }

  @Override
  public long getNumBytes() {
    return (long) lanes.length * Float.BYTES;
  }

  @Override
  public void loadFromBuffer(FloatBuffer buffer) {
    asBuffer().put(buffer);
  }

  @Override
  public FloatBuffer asBuffer() {
    return FloatBuffer.wrap(lanes);
  }

  @Override
  public String toString() {
    return Arrays.toString(lanes);
  }
}
