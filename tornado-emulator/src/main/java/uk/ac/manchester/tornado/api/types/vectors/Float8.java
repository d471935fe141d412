package uk.ac.manchester.tornado.api.types.vectors;

/** A vector of 8 values of type {@code float}. */
public final class Float8 extends FloatLanes {
  /** This class. */
  public static final Class<Float8> TYPE = Float8.class;

  private static final long serialVersionUID = 1;

  /** Zeros. */
  public Float8() {
    super(8);
  }

  /** The given lanes. */
  public Float8(float s0, float s1, float s2, float s3, float s4, float s5, float s6, float s7) {
    super(8);
    lanes[0] = s0;
    lanes[1] = s1;
    lanes[2] = s2;
    lanes[3] = s3;
    lanes[4] = s4;
    lanes[5] = s5;
    lanes[6] = s6;
    lanes[7] = s7;
  }

  /** a + b, lane by lane. */
  public static Float8 add(Float8 a, Float8 b) {
    return add(new Float8(), a, b);
  }

  /** a + b in every lane. */
  public static Float8 add(Float8 a, float b) {
    return add(new Float8(), a, b);
  }

  /** a - b, lane by lane. */
  public static Float8 sub(Float8 a, Float8 b) {
    return sub(new Float8(), a, b);
  }

  /** a - b in every lane. */
  public static Float8 sub(Float8 a, float b) {
    return sub(new Float8(), a, b);
  }

  /** a · b, lane by lane. */
  public static Float8 mult(Float8 a, Float8 b) {
    return mult(new Float8(), a, b);
  }

  /** a · b in every lane. */
  public static Float8 mult(Float8 a, float b) {
    return mult(new Float8(), a, b);
  }

  /** a / b, lane by lane. */
  public static Float8 div(Float8 a, Float8 b) {
    return div(new Float8(), a, b);
  }

  /** a / b in every lane. */
  public static Float8 div(Float8 a, float b) {
    return div(new Float8(), a, b);
  }

  /** The smaller of a and b, lane by lane. */
  public static Float8 min(Float8 a, Float8 b) {
    return min(new Float8(), a, b);
  }

  /** The least lane. */
  public static float min(Float8 a) {
    return minLane(a);
  }

  /** The larger of a and b, lane by lane. */
  public static Float8 max(Float8 a, Float8 b) {
    return max(new Float8(), a, b);
  }

  /** The largest lane. */
  public static float max(Float8 a) {
    return maxLane(a);
  }

  /** The square root of each lane. */
  public static Float8 sqrt(Float8 a) {
    return sqrt(new Float8(), a);
  }

  /** Σ a · b over the lanes. */
  public static float dot(Float8 a, Float8 b) {
    return dotLanes(a, b);
  }

  /** Whether all lanes are the same. */
  public static boolean isEqual(Float8 a, Float8 b) {
    return sameLanes(a, b);
  }

  /** Sets all lanes to those of {@code other}. */
  public void set(Float8 other) {
    copyLanes(other);
  }

  /** Lane 0. */
  public float getS0() {
    return lanes[0];
  }

  /** Sets lane 0. */
  public void setS0(float value) {
    lanes[0] = value;
  }

  /** Lane 1. */
  public float getS1() {
    return lanes[1];
  }

  /** Sets lane 1. */
  public void setS1(float value) {
    lanes[1] = value;
  }

  /** Lane 2. */
  public float getS2() {
    return lanes[2];
  }

  /** Sets lane 2. */
  public void setS2(float value) {
    lanes[2] = value;
  }

  /** Lane 3. */
  public float getS3() {
    return lanes[3];
  }

  /** Sets lane 3. */
  public void setS3(float value) {
    lanes[3] = value;
  }

  /** Lane 4. */
  public float getS4() {
    return lanes[4];
  }

  /** Sets lane 4. */
  public void setS4(float value) {
    lanes[4] = value;
  }

  /** Lane 5. */
  public float getS5() {
    return lanes[5];
  }

  /** Sets lane 5. */
  public void setS5(float value) {
    lanes[5] = value;
  }

  /** Lane 6. */
  public float getS6() {
    return lanes[6];
  }

  /** Sets lane 6. */
  public void setS6(float value) {
    lanes[6] = value;
  }

  /** Lane 7. */
  public float getS7() {
    return lanes[7];
  }

  /** Sets lane 7. */
  public void setS7(float value) {
    lanes[7] = value;
  }

  /** The first 4 lanes. */
  public Float4 getLow() {
    return new Float4(lanes[0], lanes[1], lanes[2], lanes[3]);
  }

  /** The last 4 lanes. */
  public Float4 getHigh() {
    return new Float4(lanes[4], lanes[5], lanes[6], lanes[7]);
  }

  /** A copy. */
  public Float8 duplicate() {
    Float8 copy = new Float8();
    copy.copyLanes(this);
    return copy;
  }
}
