package io.manifoldmuon.model.demo;

import io.manifoldmuon.linalg.engine.Program;
import java.util.Arrays;

/**
 * Probabilities of arm 1 at the centres of the cells of a square grid over [−1, 1]².
 *
 * @param side the cells of a row
 * @param values row by row, the row with the largest y first
 */
@SuppressWarnings("ArrayRecordComponent") // made once and only read
public record ProbabilityField(int side, float[] values) {
  private static final int SIDE = 96;

  /** Asks a network's program, which takes {@code batch} points at a time. */
  static ProbabilityField of(Program program, int batch) {
    float[] values = new float[SIDE * SIDE];
    for (int start = 0; start < values.length; start += batch) {
      float[] xy = new float[2 * batch];
      int n = Math.min(batch, values.length - start);
      for (int i = 0; i < n; i++) {
        xy[2 * i] = centre((start + i) % SIDE);
        xy[2 * i + 1] = -centre((start + i) / SIDE);
      }
      float[] p = Arrays.copyOf(SpiralTraining.probabilities(program, xy), n);
      System.arraycopy(p, 0, values, start, n);
    }
    return new ProbabilityField(SIDE, values);
  }

  private static float centre(int cell) {
    return (cell + 0.5f) * 2 / SIDE - 1;
  }
}
