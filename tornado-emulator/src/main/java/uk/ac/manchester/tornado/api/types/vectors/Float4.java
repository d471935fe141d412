package uk.ac.manchester.tornado.api.types.vectors;

/** A vector of 4 values of type {@code float}. */
public final class Float4 extends FloatLanes {
  /** This class. */
  public static final Class<Float4> TYPE = Float4.class;

  private static final long serialVersionUID = 1;

  /** Zeros. */
  public Float4() {
    super(4);
  }

  /** The given lanes. */
  public Float4(float s0, float s1, float s2, float s3) {
    super(4);
    lanes[0] = s0;
    lanes[1] = s1;
    lanes[2] = s2;
    lanes[3] = s3;
  }

  /** a + b, lane by lane. */
  public static Float4 add(Float4 a, Float4 b) {
    return add(new Float4(), a, b);
  }

  /** a + b in every lane. */
  public static Float4 add(Float4 a, float b) {
    return add(new Float4(), a, b);
  }

  /** a - b, lane by lane. */
  public static Float4 sub(Float4 a, Float4 b) {
    return sub(new Float4(), a, b);
  }

  /** a - b in every lane. */
  public static Float4 sub(Float4 a, float b) {
    return sub(new Float4(), a, b);
  }

  /** a · b, lane by lane. */
  public static Float4 mult(Float4 a, Float4 b) {
    return mult(new Float4(), a, b);
  }

  /** a · b in every lane. */
  public static Float4 mult(Float4 a, float b) {
    return mult(new Float4(), a, b);
  }

  /** a / b, lane by lane. */
  public static Float4 div(Float4 a, Float4 b) {
    return div(new Float4(), a, b);
  }

  /** a / b in every lane. */
  public static Float4 div(Float4 a, float b) {
    return div(new Float4(), a, b);
  }

  /** The smaller of a and b, lane by lane. */
  public static Float4 min(Float4 a, Float4 b) {
    return min(new Float4(), a, b);
  }

  /** The least lane. */
  public static float min(Float4 a) {
    return minLane(a);
  }

  /** The larger of a and b, lane by lane. */
  public static Float4 max(Float4 a, Float4 b) {
    return max(new Float4(), a, b);
  }

  /** The largest lane. */
  public static float max(Float4 a) {
    return maxLane(a);
  }

  /** The square root of each lane. */
  public static Float4 sqrt(Float4 a) {
    return sqrt(new Float4(), a);
  }

  /** Σ a · b over the lanes. */
  public static float dot(Float4 a, Float4 b) {
    return dotLanes(a, b);
  }

  /** The sum of the lanes. */
  public static float sum(Float4 a) {
    return sumLanes(a);
  }

  /** Whether all lanes are the same. */
  public static boolean isEqual(Float4 a, Float4 b) {
    return sameLanes(a, b);
  }

  /** Sets all lanes to those of {@code other}. */
  public void set(Float4 other) {
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

  /** Lane 3. */
  public float getW() {
    return lanes[3];
  }

  /** Sets lane 3. */
  public void setW(float value) {
    lanes[3] = value;
  }

  /** The first 2 lanes. */
  public Float2 getLow() {
    return new Float2(lanes[0], lanes[1]);
  }

  /** The last 2 lanes. */
  public Float2 getHigh() {
    return new Float2(lanes[2], lanes[3]);
  }

  /** A copy. */
  public Float4 duplicate() {
    Float4 copy = new Float4();
    copy.copyLanes(this);
    return copy;
  }
}
