package uk.ac.manchester.tornado.api.types.vectors;

/** A vector of 8 values of type {@code int}. */
public final class Int8 extends IntLanes {
  /** This class. */
  public static final Class<Int8> TYPE = Int8.class;

  private static final long serialVersionUID = 1;

  /** Zeros. */
  public Int8() {
    super(8);
  }

  /** The given lanes. */
  public Int8(int s0, int s1, int s2, int s3, int s4, int s5, int s6, int s7) {
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
  public static Int8 add(Int8 a, Int8 b) {
    return add(new Int8(), a, b);
  }

  /** a + b in every lane. */
  public static Int8 add(Int8 a, int b) {
    return add(new Int8(), a, b);
  }

  /** a - b, lane by lane. */
  public static Int8 sub(Int8 a, Int8 b) {
    return sub(new Int8(), a, b);
  }

  /** a - b in every lane. */
  public static Int8 sub(Int8 a, int b) {
    return sub(new Int8(), a, b);
  }

  /** a · b, lane by lane. */
  public static Int8 mult(Int8 a, Int8 b) {
    return mult(new Int8(), a, b);
  }

  /** a · b in every lane. */
  public static Int8 mult(Int8 a, int b) {
    return mult(new Int8(), a, b);
  }

  /** a / b, lane by lane. */
  public static Int8 div(Int8 a, Int8 b) {
    return div(new Int8(), a, b);
  }

  /** a / b in every lane. */
  public static Int8 div(Int8 a, int b) {
    return div(new Int8(), a, b);
  }

  /** The smaller of a and b, lane by lane. */
  public static Int8 min(Int8 a, Int8 b) {
    return min(new Int8(), a, b);
  }

  /** The least lane. */
  public static int min(Int8 a) {
    return minLane(a);
  }

  /** The larger of a and b, lane by lane. */
  public static Int8 max(Int8 a, Int8 b) {
    return max(new Int8(), a, b);
  }

  /** The largest lane. */
  public static int max(Int8 a) {
    return maxLane(a);
  }

  /** Σ a · b over the lanes. */
  public static int dot(Int8 a, Int8 b) {
    return dotLanes(a, b);
  }

  /** Whether all lanes are the same. */
  public static boolean isEqual(Int8 a, Int8 b) {
    return sameLanes(a, b);
  }

  /** Sets all lanes to those of {@code other}. */
  public void set(Int8 other) {
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

  /** The first 4 lanes. */
  public Int4 getLow() {
    return new Int4(lanes[0], lanes[1], lanes[2], lanes[3]);
  }

  /** The last 4 lanes. */
  public Int4 getHigh() {
    return new Int4(lanes[4], lanes[5], lanes[6], lanes[7]);
  }

  /** A copy. */
  public Int8 duplicate() {
    Int8 copy = new Int8();
    copy.copyLanes(this);
    return copy;
  }
}
