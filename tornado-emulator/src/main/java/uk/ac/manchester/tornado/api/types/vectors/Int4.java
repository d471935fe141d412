package uk.ac.manchester.tornado.api.types.vectors;

/** A vector of 4 values of type {@code int}. */
public final class Int4 extends IntLanes {
  /** This class. */
  public static final Class<Int4> TYPE = Int4.class;

  private static final long serialVersionUID = 1;

  /** Zeros. */
  public Int4() {
    super(4);
  }

  /** The given lanes. */
  public Int4(int s0, int s1, int s2, int s3) {
    super(4);
    lanes[0] = s0;
    lanes[1] = s1;
    lanes[2] = s2;
    lanes[3] = s3;
  }

  /** a + b, lane by lane. */
  public static Int4 add(Int4 a, Int4 b) {
    return add(new Int4(), a, b);
  }

  /** a + b in every lane. */
  public static Int4 add(Int4 a, int b) {
    return add(new Int4(), a, b);
  }

  /** a - b, lane by lane. */
  public static Int4 sub(Int4 a, Int4 b) {
    return sub(new Int4(), a, b);
  }

  /** a - b in every lane. */
  public static Int4 sub(Int4 a, int b) {
    return sub(new Int4(), a, b);
  }

  /** a · b, lane by lane. */
  public static Int4 mult(Int4 a, Int4 b) {
    return mult(new Int4(), a, b);
  }

  /** a · b in every lane. */
  public static Int4 mult(Int4 a, int b) {
    return mult(new Int4(), a, b);
  }

  /** a / b, lane by lane. */
  public static Int4 div(Int4 a, Int4 b) {
    return div(new Int4(), a, b);
  }

  /** a / b in every lane. */
  public static Int4 div(Int4 a, int b) {
    return div(new Int4(), a, b);
  }

  /** The smaller of a and b, lane by lane. */
  public static Int4 min(Int4 a, Int4 b) {
    return min(new Int4(), a, b);
  }

  /** The least lane. */
  public static int min(Int4 a) {
    return minLane(a);
  }

  /** The larger of a and b, lane by lane. */
  public static Int4 max(Int4 a, Int4 b) {
    return max(new Int4(), a, b);
  }

  /** The largest lane. */
  public static int max(Int4 a) {
    return maxLane(a);
  }

  /** Whether all lanes are the same. */
  public static boolean isEqual(Int4 a, Int4 b) {
    return sameLanes(a, b);
  }

  /** Sets all lanes to those of {@code other}. */
  public void set(Int4 other) {
    copyLanes(other);
  }

  /** Lane 0. */
  public int getX() {
    return lanes[0];
  }

  /** Sets lane 0. */
  public void setX(int value) {
    lanes[0] = value;
  }

  /** Lane 1. */
  public int getY() {
    return lanes[1];
  }

  /** Sets lane 1. */
  public void setY(int value) {
    lanes[1] = value;
  }

  /** Lane 2. */
  public int getZ() {
    return lanes[2];
  }

  /** Sets lane 2. */
  public void setZ(int value) {
    lanes[2] = value;
  }

  /** Lane 3. */
  public int getW() {
    return lanes[3];
  }

  /** Sets lane 3. */
  public void setW(int value) {
    lanes[3] = value;
  }

  /** A copy. */
  public Int4 duplicate() {
    Int4 copy = new Int4();
    copy.copyLanes(this);
    return copy;
  }
}
