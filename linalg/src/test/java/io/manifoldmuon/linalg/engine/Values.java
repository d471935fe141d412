package io.manifoldmuon.linalg.engine;

import io.manifoldmuon.linalg.CounterRandom;
import io.manifoldmuon.linalg.Shape;

/** Kinds of seeded test values, each rounded to float32 so that every engine gets the same. */
enum Values {
  /** N(0, 1). */
  GAUSS,
  /** N(0, 10⁻⁶). */
  SMALL,
  /** N(0, 30²). */
  LARGE,
  /** Between 0.3 and 3.3. */
  POSITIVE,
  /** Of both signs, at least 0.2 from zero. */
  AWAY,
  /** Odd multiples of 1/8: never equal or close to {@link #EVEN}. */
  ODD,
  /** Even multiples of 1/8. */
  EVEN,
  /** Multiples of 3/8 in random order, different within a row. */
  SEPARATED,
  /** One of four numbers, so that rows have exact ties. */
  TIED;

  /** The values of a tensor, a pure function of the arguments. */
  double[] sample(Shape shape, long seed, int stream) {
    double[] x = new double[shape.size()];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) element(seed, stream, i);
    }
    if (this == SEPARATED) {
      shuffleRows(x, shape.dim(-1), seed, stream);
    }
    return x;
  }

  private double element(long seed, int stream, int i) {
    double gauss = CounterRandom.gaussian(seed, stream, i);
    double uniform = CounterRandom.uniform(seed, stream, i);
    return switch (this) {
      case GAUSS -> gauss;
      case SMALL -> 1e-3 * gauss;
      case LARGE -> 30 * gauss;
      case POSITIVE -> Math.exp(2.4 * uniform - 1.2);
      case AWAY -> Math.copySign(0.2 + Math.abs(gauss), uniform - 0.5);
      case ODD -> (2 * Math.floor(32 * uniform - 16) + 1) / 8;
      case EVEN -> 2 * Math.floor(32 * uniform - 16) / 8;
      case SEPARATED -> 0;
      case TIED -> Math.floor(4 * uniform) - 1.5;
    };
  }

  private static void shuffleRows(double[] x, int width, long seed, int stream) {
    for (int row = 0; row < x.length; row += width) {
      for (int j = 0; j < width; j++) {
        int k = (int) CounterRandom.below(j + 1L, seed, stream, row + j);
        x[row + j] = x[row + k];
        x[row + k] = (j - width / 2) * 0.375;
      }
    }
  }
}
