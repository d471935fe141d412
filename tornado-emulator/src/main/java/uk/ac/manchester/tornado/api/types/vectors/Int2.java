package uk.ac.manchester.tornado.api.types.vectors;

/** A vector of 2 values of type {@code int}. */
public final class Int2 extends IntLanes {
  /** This class. */
  public static final Class<Int2> TYPE = Int2.class;

  private static final long serialVersionUID = 1;

  /** Zeros. */
  public Int2() {
    super(2);
  }

  /** The given lanes. */
  public Int2(int s0, int s1) {
    super(2);
    lanes[0] = s0;
    lanes[1] = s1;
  }

  /** a + b, lane by lane. */
  public static Int2 add(Int2 a, Int2 b) {
    return add(new Int2(), a, b);
  }

  /** a + b in every lane. */
  public static Int2 add(Int2 a, int b) {
    return add(new Int2(), a, b);
  }

  /** a - b, lane by lane. */
  public static Int2 sub(Int2 a, Int2 b) {
    return sub(new Int2(), a, b);
  }

  /** a - b in every lane. */
  public static Int2 sub(Int2 a, int b) {
    return sub(new Int2(), a, b);
  }

  /** a · b, lane by lane. */
  public static Int2 mult(Int2 a, Int2 b) {
    return mult(new Int2(), a, b);
  }

  /** a · b in every lane. */
  public static Int2 mult(Int2 a, int b) {
    return mult(new Int2(), a, b);
  }

  /** a / b, lane by lane. */
  public static Int2 div(Int2 a, Int2 b) {
    return div(new Int2(), a, b);
  }

  /** a / b in every lane. */
  public static Int2 div(Int2 a, int b) {
    return div(new Int2(), a, b);
  }

  /** The smaller of a and b, lane by lane. */
  public static Int2 min(Int2 a, Int2 b) {
    return min(new Int2(), a, b);
  }

  /** The least lane. */
  public static int min(Int2 a) {
    return minLane(a);
  }

  /** The larger of a and b, lane by lane. */
  public static Int2 max(Int2 a, Int2 b) {
    return max(new Int2(), a, b);
  }

  /** The largest lane. */
  public static int max(Int2 a) {
    return maxLane(a);
  }

  /** Σ a · b over the lanes. */
  public static int dot(Int2 a, Int2 b) {
    return dotLanes(a, b);
  }

  /** Whether all lanes are the same. */
  public static boolean isEqual(Int2 a, Int2 b) {
    return sameLanes(a, b);
  }

  /** Sets all lanes to those of {@code other}. */
  public void set(Int2 other) {
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

  /** A copy. */
  public Int2 duplicate() {
    Int2 copy = new Int2();
    copy.copyLanes(this);
    return copy;
  }
}
