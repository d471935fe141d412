package uk.ac.manchester.tornado.api.types.vectors;

/** A vector of 16 values of type {@code int}. */
public final class Int16 extends IntLanes {
  /** This class. */
  public static final Class<Int16> TYPE = Int16.class;

  private static final long serialVersionUID = 1;

  /** Zeros. */
  public Int16() {
    super(16);
  }

  /** The given lanes. */
  public Int16(
      int s0,
      int s1,
      int s2,
      int s3,
      int s4,
      int s5,
      int s6,
      int s7,
      int s8,
      int s9,
      int s10,
      int s11,
      int s12,
      int s13,
      int s14,
      int s15) {
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
  public static Int16 add(Int16 a, Int16 b) {
    return add(new Int16(), a, b);
  }

  /** a + b in every lane. */
  public static Int16 add(Int16 a, int b) {
    return add(new Int16(), a, b);
  }

  /** a - b, lane by lane. */
  public static Int16 sub(Int16 a, Int16 b) {
    return sub(new Int16(), a, b);
  }

  /** a - b in every lane. */
  public static Int16 sub(Int16 a, int b) {
    return sub(new Int16(), a, b);
  }

  /** a · b, lane by lane. */
  public static Int16 mult(Int16 a, Int16 b) {
    return mult(new Int16(), a, b);
  }

  /** a · b in every lane. */
  public static Int16 mult(Int16 a, int b) {
    return mult(new Int16(), a, b);
  }

  /** a / b, lane by lane. */
  public static Int16 div(Int16 a, Int16 b) {
    return div(new Int16(), a, b);
  }

  /** a / b in every lane. */
  public static Int16 div(Int16 a, int b) {
    return div(new Int16(), a, b);
  }

  /** The smaller of a and b, lane by lane. */
  public static Int16 min(Int16 a, Int16 b) {
    return min(new Int16(), a, b);
  }

  /** The least lane. */
  public static int min(Int16 a) {
    return minLane(a);
  }

  /** The larger of a and b, lane by lane. */
  public static Int16 max(Int16 a, Int16 b) {
    return max(new Int16(), a, b);
  }

  /** The largest lane. */
  public static int max(Int16 a) {
    return maxLane(a);
  }

  /** Σ a · b over the lanes. */
  public static int dot(Int16 a, Int16 b) {
    return dotLanes(a, b);
  }

  /** Whether all lanes are the same. */
  public static boolean isEqual(Int16 a, Int16 b) {
    return sameLanes(a, b);
  }

  /** Sets all lanes to those of {@code other}. */
  public void set(Int16 other) {
    copyLanes(other);
  }

  /** Lane 0. */
  public int getS0() {
    return lanes[0];
  }

  /** Sets lane 0. */
  public void setS0(int value) {
    lanes[0] = value;
  }

  /** Lane 1. */
  public int getS1() {
    return lanes[1];
  }

  /** Sets lane 1. */
  public void setS1(int value) {
    lanes[1] = value;
  }

  /** Lane 2. */
  public int getS2() {
    return lanes[2];
  }

  /** Sets lane 2. */
  public void setS2(int value) {
    lanes[2] = value;
  }

  /** Lane 3. */
  public int getS3() {
    return lanes[3];
  }

  /** Sets lane 3. */
  public void setS3(int value) {
    lanes[3] = value;
  }

  /** Lane 4. */
  public int getS4() {
    return lanes[4];
  }

  /** Sets lane 4. */
  public void setS4(int value) {
    lanes[4] = value;
  }

  /** Lane 5. */
  public int getS5() {
    return lanes[5];
  }

  /** Sets lane 5. */
  public void setS5(int value) {
    lanes[5] = value;
  }

  /** Lane 6. */
  public int getS6() {
    return lanes[6];
  }

  /** Sets lane 6. */
  public void setS6(int value) {
    lanes[6] = value;
  }

  /** Lane 7. */
  public int getS7() {
    return lanes[7];
  }

  /** Sets lane 7. */
  public void setS7(int value) {
    lanes[7] = value;
  }

  /** Lane 8. */
  public int getS8() {
    return lanes[8];
  }

  /** Sets lane 8. */
  public void setS8(int value) {
    lanes[8] = value;
  }

  /** Lane 9. */
  public int getS9() {
    return lanes[9];
  }

  /** Sets lane 9. */
  public void setS9(int value) {
    lanes[9] = value;
  }

  /** Lane 10. */
  public int getS10() {
    return lanes[10];
  }

  /** Sets lane 10. */
  public void setS10(int value) {
    lanes[10] = value;
  }

  /** Lane 11. */
  public int getS11() {
    return lanes[11];
  }

  /** Sets lane 11. */
  public void setS11(int value) {
    lanes[11] = value;
  }

  /** Lane 12. */
  public int getS12() {
    return lanes[12];
  }

  /** Sets lane 12. */
  public void setS12(int value) {
    lanes[12] = value;
  }

  /** Lane 13. */
  public int getS13() {
    return lanes[13];
  }

  /** Lane 14. */
  public int getS14() {
    return lanes[14];
  }

  /** Sets lane 14. */
  public void setS14(int value) {
    lanes[14] = value;
  }

  /** Lane 15. */
  public int getS15() {
    return lanes[15];
  }

  /** Sets lane 15. */
  public void setS15(int value) {
    lanes[15] = value;
  }

  /** A copy. */
  public Int16 duplicate() {
    Int16 copy = new Int16();
    copy.copyLanes(this);
    return copy;
  }
}
