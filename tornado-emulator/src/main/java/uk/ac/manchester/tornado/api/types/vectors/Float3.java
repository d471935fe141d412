package uk.ac.manchester.tornado.api.types.vectors;

/** A vector of 3 values of type {@code float}. */
public final class Float3 extends FloatLanes {
  /** This class. */
  public static final Class<Float3> TYPE = Float3.class;

  private static final long serialVersionUID = 1;

  /** Zeros. */
  public Float3() {
    super(3);
  }

  /** The given lanes. */
  public Float3(float s0, float s1, float s2) {
    super(3);
    lanes[0] = s0;
    lanes[1] = s1;
    lanes[2] = s2;
  }

  /** a + b, lane by lane. */
  public static Float3 add(Float3 a, Float3 b) {
    return add(new Float3(), a, b);
  }

  /** a + b in every lane. */
  public static Float3 add(Float3 a, float b) {
    return add(new Float3(), a, b);
  }

  /** a - b, lane by lane. */
  public static Float3 sub(Float3 a, Float3 b) {
    return sub(new Float3(), a, b);
  }

  /** a - b in every lane. */
  public static Float3 sub(Float3 a, float b) {
    return sub(new Float3(), a, b);
  }

  /** a · b, lane by lane. */
  public static Float3 mult(Float3 a, Float3 b) {
    return mult(new Float3(), a, b);
  }

  /** a · b in every lane. */
  public static Float3 mult(Float3 a, float b) {
    return mult(new Float3(), a, b);
  }

  /** a / b, lane by lane. */
  public static Float3 div(Float3 a, Float3 b) {
    return div(new Float3(), a, b);
  }

  /** a / b in every lane. */
  public static Float3 div(Float3 a, float b) {
    return div(new Float3(), a, b);
  }

  /** The smaller of a and b, lane by lane. */
  public static Float3 min(Float3 a, Float3 b) {
    return min(new Float3(), a, b);
  }

  /** The least lane. */
  public static float min(Float3 a) {
    return minLane(a);
  }

  /** The larger of a and b, lane by lane. */
  public static Float3 max(Float3 a, Float3 b) {
    return max(new Float3(), a, b);
  }

  /** The largest lane. */
  public static float max(Float3 a) {
    return maxLane(a);
  }

  /** The square root of each lane. */
  public static Float3 sqrt(Float3 a) {
    return sqrt(new Float3(), a);
  }

  /** Σ a · b over the lanes. */
  public static float dot(Float3 a, Float3 b) {
    return dotLanes(a, b);
  }

  /** Whether all lanes are the same. */
  public static boolean isEqual(Float3 a, Float3 b) {
    return sameLanes(a, b);
  }

  /** Sets all lanes to those of {@code other}. */
  public void set(Float3 other) {
    copyLanes(other);
  }

  /** Lane 0. */
  public float getX() {
    return lanes[0];
  }

  /** Sets lane 0. */
  public void setX(float value) {
    lanes[0] = value;
  }

  /** Lane 1. */
  public float getY() {
    return lanes[1];
  }

  /** Sets lane 1. */
  public void setY(float value) {
    lanes[1] = value;
  }

  /** Lane 2. */
  public float getZ() {
    return lanes[2];
  }

  /** Sets lane 2. */
  public void setZ(float value) {
    lanes[2] = value;
  }

  /** A copy. */
  public Float3 duplicate() {
    Float3 copy = new Float3();
    copy.copyLanes(this);
    return copy;
  }
}
