package uk.ac.manchester.tornado.api.types.vectors;

/** A vector of 16 values of type {@code float}. */
public final class Float16 extends FloatLanes {
  /** This class. */
  public static final Class<Float16> TYPE = Float16.class;

  private static final long serialVersionUID = 1;

  /** Zeros. */
  public Float16() {
    super(16);
  }

  /** The given lanes. */
  public Float16(
      float s0,
      float s1,
      float s2,
      float s3,
      float s4,
      float s5,
      float s6,
      float s7,
      float s8,
      float s9,
      float s10,
      float s11,
      float s12,
      float s13,
      float s14,
      float s15) {
    super(16);
    lanes[0] = s0;
    lanes[1] = s1;
    lanes[2] = s2;
    lanes[3] = s3;
    lanes[4] = s4;
    lanes[5] = s5;
    lanes[6] = s6;
    lanes[7] = s7;
    lanes[8] = s8;
    lanes[9] = s9;
    lanes[10] = s10;
    lanes[11] = s11;
    lanes[12] = s12;
    lanes[13] = s13;
    lanes[14] = s14;
    lanes[15] = s15;
  }

  /** a + b, lane by lane. */
  public static Float16 add(Float16 a, Float16 b) {
    return add(new Float16(), a, b);
  }

  /** a + b in every lane. */
  public static Float16 add(Float16 a, float b) {
    return add(new Float16(), a, b);
  }

  /** a - b, lane by lane. */
  public static Float16 sub(Float16 a, Float16 b) {
    return sub(new Float16(), a, b);
  }

  /** a - b in every lane. */
  public static Float16 sub(Float16 a, float b) {
    return sub(new Float16(), a, b);
  }

  /** a · b, lane by lane. */
  public static Float16 mult(Float16 a, Float16 b) {
    return mult(new Float16(), a, b);
  }

  /** a · b in every lane. */
  public static Float16 mult(Float16 a, float b) {
    return mult(new Float16(), a, b);
  }

  /** a / b, lane by lane. */
  public static Float16 div(Float16 a, Float16 b) {
    return div(new Float16(), a, b);
  }

  /** a / b in every lane. */
  public static Float16 div(Float16 a, float b) {
    return div(new Float16(), a, b);
  }

  /** The smaller of a and b, lane by lane. */
  public static Float16 min(Float16 a, Float16 b) {
    return min(new Float16(), a, b);
  }

  /** The least lane. */
  public static float min(Float16 a) {
    return minLane(a);
  }

  /** The larger of a and b, lane by lane. */
  public static Float16 max(Float16 a, Float16 b) {
    return max(new Float16(), a, b);
  }

  /** The largest lane. */
  public static float max(Float16 a) {
    return maxLane(a);
  }

  /** Σ a · b over the lanes. */
  public static float dot(Float16 a, Float16 b) {
    return dotLanes(a, b);
  }

  /** Sets all lanes to those of {@code other}. */
  public void set(Float16 other) {
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

  /** Lane 8. */
  public float getS8() {
    return lanes[8];
  }

  /** Sets lane 8. */
  public void setS8(float value) {
    lanes[8] = value;
  }

  /** Lane 9. */
  public float getS9() {
    return lanes[9];
  }

  /** Sets lane 9. */
  public void setS9(float value) {
    lanes[9] = value;
  }

  /** Lane 10. */
  public float getS10() {
    return lanes[10];
  }

  /** Sets lane 10. */
  public void setS10(float value) {
    lanes[10] = value;
  }

  /** Lane 11. */
  public float getS11() {
    return lanes[11];
  }

  /** Sets lane 11. */
  public void setS11(float value) {
    lanes[11] = value;
  }

  /** Lane 12. */
  public float getS12() {
    return lanes[12];
  }

  /** Sets lane 12. */
  public void setS12(float value) {
    lanes[12] = value;
  }

  /** Lane 13. */
  public float getS13() {
    return lanes[13];
  }

  /** Lane 14. */
  public float getS14() {
    return lanes[14];
  }

  /** Sets lane 14. */
  public void setS14(float value) {
    lanes[14] = value;
  }

  /** Lane 15. */
  public float getS15() {
    return lanes[15];
  }

  /** Sets lane 15. */
  public void setS15(float value) {
    lanes[15] = value;
  }
}
