package uk.ac.manchester.tornado.api.math;

/** The functions that kernels may call. */
public class TornadoMath {
  /** An object without use, as in TornadoVM. */
  public TornadoMath() {}

  /** The smaller one. */
  public static float min(float a, float b) {
    return Math.min(a, b);
  }

  /** The larger one. */
  public static float max(float a, float b) {
    return Math.max(a, b);
  }

  /** |a|. */
  public static float abs(float a) {
    return Math.abs(a);
  }

  /** The value nearest to {@code value} in [least, most]. */
  public static float clamp(float value, float least, float most) {
    return Math.max(Math.min(value, most), least);
  }

  /** The smaller one. */
  public static double min(double a, double b) {
    return Math.min(a, b);
  }

  /** The larger one. */
  public static double max(double a, double b) {
    return Math.max(a, b);
  }

  /** |a|. */
  public static double abs(double a) {
    return Math.abs(a);
  }

  /** The value nearest to {@code value} in [least, most]. */
  public static double clamp(double value, double least, double most) {
    return Math.max(Math.min(value, most), least);
  }

  /** The smaller one. */
  public static long min(long a, long b) {
    return Math.min(a, b);
  }

  /** The larger one. */
  public static long max(long a, long b) {
    return Math.max(a, b);
  }

  /** |a|. */
  public static long abs(long a) {
    return Math.abs(a);
  }

  /** The value nearest to {@code value} in [least, most]. */
  public static long clamp(long value, long least, long most) {
    return Math.max(Math.min(value, most), least);
  }

  /** The smaller one. */
  public static int min(int a, int b) {
    return Math.min(a, b);
  }

  /** The larger one. */
  public static int max(int a, int b) {
    return Math.max(a, b);
  }

  /** |a|. */
  public static int abs(int a) {
    return Math.abs(a);
  }

  /** The value nearest to {@code value} in [least, most]. */
  public static int clamp(int value, int least, int most) {
    return Math.max(Math.min(value, most), least);
  }

  /** eᵃ. */
  public static float exp(float a) {
    return (float) Math.exp(a);
  }

  /** √a. */
  public static float sqrt(float a) {
    return (float) Math.sqrt(a);
  }

  /** The largest whole number that is at most {@code a}. */
  public static float floor(float a) {
    return (float) Math.floor(a);
  }

  /** The smallest whole number that is at least {@code a}. */
  public static float ceil(float a) {
    return (float) Math.ceil(a);
  }

  /** ln a. */
  public static float log(float a) {
    return (float) Math.log(a);
  }

  /** sin a. */
  public static float sin(float a) {
    return (float) Math.sin(a);
  }

  /** cos a. */
  public static float cos(float a) {
    return (float) Math.cos(a);
  }

  /** tan a. */
  public static float tan(float a) {
    return (float) Math.tan(a);
  }

  /** tanh a. */
  public static float tanh(float a) {
    return (float) Math.tanh(a);
  }

  /** arcsin a. */
  public static float asin(float a) {
    return (float) Math.asin(a);
  }

  /** arccos a. */
  public static float acos(float a) {
    return (float) Math.acos(a);
  }

  /** arctan a. */
  public static float atan(float a) {
    return (float) Math.atan(a);
  }

  /** The sign of a. */
  public static float signum(float a) {
    return Math.signum(a);
  }

  /** a degrees in radians. */
  public static float toRadians(float a) {
    return (float) Math.toRadians(a);
  }

  /** The base-2 logarithm. */
  public static float log2(float a) {
    return (float) (Math.log(a) / Math.log(2));
  }

  /** a − ⌊a⌋. */
  public static float fract(float a) {
    return a - (float) Math.floor(a);
  }

  /** aᵇ. */
  public static float pow(float a, float b) {
    return (float) Math.pow(a, b);
  }

  /** The angle of the point (b, a). */
  public static float atan2(float a, float b) {
    return (float) Math.atan2(a, b);
  }

  /** sin πa. */
  public static float sinpi(float a) {
    return (float) Math.sin(Math.PI * a);
  }

  /** cos πa. */
  public static float cospi(float a) {
    return (float) Math.cos(Math.PI * a);
  }

  /** eᵃ. */
  public static double exp(double a) {
    return Math.exp(a);
  }

  /** √a. */
  public static double sqrt(double a) {
    return Math.sqrt(a);
  }

  /** The largest whole number that is at most {@code a}. */
  public static double floor(double a) {
    return Math.floor(a);
  }

  /** The smallest whole number that is at least {@code a}. */
  public static double ceil(double a) {
    return Math.ceil(a);
  }

  /** ln a. */
  public static double log(double a) {
    return Math.log(a);
  }

  /** sin a. */
  public static double sin(double a) {
    return Math.sin(a);
  }

  /** cos a. */
  public static double cos(double a) {
    return Math.cos(a);
  }

  /** tan a. */
  public static double tan(double a) {
    return Math.tan(a);
  }

  /** tanh a. */
  public static double tanh(double a) {
    return Math.tanh(a);
  }

  /** arcsin a. */
  public static double asin(double a) {
    return Math.asin(a);
  }

  /** arccos a. */
  public static double acos(double a) {
    return Math.acos(a);
  }

  /** arctan a. */
  public static double atan(double a) {
    return Math.atan(a);
  }

  /** The sign of a. */
  public static double signum(double a) {
    return Math.signum(a);
  }

  /** a degrees in radians. */
  public static double toRadians(double a) {
    return Math.toRadians(a);
  }

  /** The base-2 logarithm. */
  public static double log2(double a) {
    return (Math.log(a) / Math.log(2));
  }

  /** a − ⌊a⌋. */
  public static double fract(double a) {
    return a - Math.floor(a);
  }

  /** aᵇ. */
  public static double pow(double a, double b) {
    return Math.pow(a, b);
  }

  /** The angle of the point (b, a). */
  public static double atan2(double a, double b) {
    return Math.atan2(a, b);
  }

  /** sin πa. */
  public static double sinpi(double a) {
    return Math.sin(Math.PI * a);
  }

  /** cos πa. */
  public static double cospi(double a) {
    return Math.cos(Math.PI * a);
  }

  /** π. */
  public static float floatPI() {
    return (float) Math.PI;
  }

  /** π. */
  public static double PI() {
    return Math.PI;
  }
}
