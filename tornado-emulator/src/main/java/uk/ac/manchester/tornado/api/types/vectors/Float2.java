package uk.ac.manchester.tornado.api.types.vectors;

/** A vector of 2 values of type {@code float}. */
public final class Float2 extends FloatLanes {
  /** This class. */
  public static final Class<Float2> TYPE = Float2.class;

  private static final long serialVersionUID = 1;

  /** Zeros. */
  public Float2() {
    super(2);
  }

  /** The given lanes. */
  public Float2(float s0, float s1) {
    super(2);
    lanes[0] = s0;
    lanes[1] = s1;
  }

  /** a + b, lane by lane. */
  public static Float2 add(Float2 a, Float2 b) {
    return add(new Float2(), a, b);
  }

  /** a + b in every lane. */
  public static Float2 add(Float2 a, float b) {
    return add(new Float2(), a, b);
  }

  /** a - b, lane by lane. */
  public static Float2 sub(Float2 a, Float2 b) {
    return sub(new Float2(), a, b);
  }

  /** a - b in every lane. */
  public static Float2 sub(Float2 a, float b) {
    return sub(new Float2(), a, b);
  }

  /** a · b, lane by lane. */
  public static Float2 mult(Float2 a, Float2 b) {
    return mult(new Float2(), a, b);
  }

  /** a · b in every lane. */
  public static Float2 mult(Float2 a, float b) {
    return mult(new Float2(), a, b);
  }

  /** a / b, lane by lane. */
  public static Float2 div(Float2 a, Float2 b) {
    return div(new Float2(), a, b);
  }

  /** a / b in every lane. */
  public static Float2 div(Float2 a, float b) {
    return div(new Float2(), a, b);
  }

  /** The smaller of a and b, lane by lane. */
  public static Float2 min(Float2 a, Float2 b) {
    return min(new Float2(), a, b);
  }

  /** The least lane. */
  public static float min(Float2 a) {
    return minLane(a);
  }

  /** The larger of a and b, lane by lane. */
  public static Float2 max(Float2 a, Float2 b) {
    return max(new Float2(), a, b);
  }

  /** The largest lane. */
  public static float max(Float2 a) {
    return maxLane(a);
  }

  /** The square root of each lane. */
  public static Float2 sqrt(Float2 a) {
    return sqrt(new Float2(), a);
  }

  /** Σ a · b over the lanes. */
  public static float dot(Float2 a, Float2 b) {
    return dotLanes(a, b);
  }

  /** Whether all lanes are the same. */
  public static boolean isEqual(Float2 a, Float2 b) {
    return sameLanes(a, b);
  }

  /** Sets all lanes to those of {@code other}. */
  public void set(Float2 other) {
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

  /** A copy. */
  public Float2 duplicate() {
    Float2 copy = new Float2();
    copy.copyLanes(this);
    return copy;
  }
}
