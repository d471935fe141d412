package io.manifoldmuon.kernels.device;

import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * What the steps of {@link RowSteps} do to the rows of one member. All operands are places in the
 * members' memory; an index is a float there.
 */
final class RowOperations {
  private static final float LOWEST = -3.4028235e38f;

  private RowOperations() {}

  // ---- norms: sums in four parts ---------------------------------------------------------------

  private static float squares(FloatArray work, int at, int width) {
    float s0 = 0.0f;
    float s1 = 0.0f;
    float s2 = 0.0f;
    float s3 = 0.0f;
    int fours = width / 4 * 4;
    for (int j = 0; j < fours; j += 4) {
      float x0 = work.get(at + j);
      float x1 = work.get(at + j + 1);
      float x2 = work.get(at + j + 2);
      float x3 = work.get(at + j + 3);
      s0 += x0 * x0;
      s1 += x1 * x1;
      s2 += x2 * x2;
      s3 += x3 * x3;
    }
    for (int j = fours; j < width; j++) {
      float x = work.get(at + j);
      s0 += x * x;
    }
    return s0 + s1 + (s2 + s3);
  }

  /** y = x·r·gain with r = 1/√(mean(x²) + ε). */
  static void rmsNorm(
      FloatArray work, int y, int x, int gain, int elements, int width, float epsilon) {
    for (int at = 0; at < elements; at += width) {
      float r = 1.0f / TornadoMath.sqrt(squares(work, x + at, width) / width + epsilon);
      for (int j = 0; j < width; j++) {
        work.set(y + at + j, work.get(x + at + j) * r * work.get(gain + j));
      }
    }
  }

  /** dx = r·(gain·dy − x·r²·mean(gain·dy·x)), which may lie where dy does; r of each row. */
  static void rmsNormBackward(
      FloatArray work,
      int dx,
      int dy,
      int x,
      int gain,
      int inverse,
      int rows,
      int width,
      float epsilon) {
    for (int row = 0; row < rows; row++) {
      int at = row * width;
      float product = 0.0f;
      float other = 0.0f;
      int twos = width / 2 * 2;
      for (int j = 0; j < twos; j += 2) {
        product += work.get(gain + j) * work.get(dy + at + j) * work.get(x + at + j);
        other += work.get(gain + j + 1) * work.get(dy + at + j + 1) * work.get(x + at + j + 1);
      }
      for (int j = twos; j < width; j++) {
        product += work.get(gain + j) * work.get(dy + at + j) * work.get(x + at + j);
      }
      float r = 1.0f / TornadoMath.sqrt(squares(work, x + at, width) / width + epsilon);
      float mean = r * r * ((product + other) / width);
      for (int j = 0; j < width; j++) {
        float g = work.get(gain + j) * work.get(dy + at + j);
        work.set(dx + at + j, r * (g - work.get(x + at + j) * mean));
      }
      work.set(inverse + row, r);
    }
  }

  /** part[j] = Σ dy·x·r over the rows. */
  static void gainGradient(
      FloatArray work, int part, int dy, int x, int inverse, int rows, int width) {
    for (int j = 0; j < width; j++) {
      work.set(part + j, 0.0f);
    }
    for (int row = 0; row < rows; row++) {
      int at = row * width;
      float r = work.get(inverse + row);
      for (int j = 0; j < width; j++) {
        float more = work.get(dy + at + j) * work.get(x + at + j) * r;
        work.set(part + j, work.get(part + j) + more);
      }
    }
  }

  // ---- softmax ---------------------------------------------------------------------------------

  private static float largest(FloatArray work, int at, int width) {
    float max = LOWEST;
    for (int j = 0; j < width; j++) {
      float x = work.get(at + j);
      max = x > max ? x : max;
    }
    return max;
  }

  private static float exponentials(FloatArray work, int at, int width, float max) {
    float sum = 0.0f;
    for (int j = 0; j < width; j++) {
      sum += TornadoMath.exp(work.get(at + j) - max);
    }
    return sum;
  }

  /** p = e^x / Σ e^x, shifted by the largest x. */
  static void softmax(FloatArray work, int y, int x, int elements, int width) {
    for (int at = 0; at < elements; at += width) {
      float max = largest(work, x + at, width);
      float inverse = 1.0f / exponentials(work, x + at, width, max);
      for (int j = 0; j < width; j++) {
        work.set(y + at + j, TornadoMath.exp(work.get(x + at + j) - max) * inverse);
      }
    }
  }

  /** dx = p·(dy − Σ p·dy). */
  static void softmaxBackward(FloatArray work, int dx, int dy, int p, int elements, int width) {
    for (int at = 0; at < elements; at += width) {
      float dot = 0.0f;
      for (int j = 0; j < width; j++) {
        dot += work.get(p + at + j) * work.get(dy + at + j);
      }
      for (int j = 0; j < width; j++) {
        work.set(dx + at + j, work.get(p + at + j) * (work.get(dy + at + j) - dot));
      }
    }
  }

  /** y = ln Σ e^x, shifted by the largest x. */
  static void logSumExp(FloatArray work, int y, int x, int rows, int width) {
    for (int row = 0; row < rows; row++) {
      int at = x + row * width;
      float max = largest(work, at, width);
      work.set(y + row, max + TornadoMath.log(exponentials(work, at, width, max)));
    }
  }

  // ---- routing ---------------------------------------------------------------------------------

  /** The columns of the k largest, as {@link Routing#topKF32} chooses them. */
  static void topK(FloatArray work, int index, int x, int rows, int columns, int k) {
    for (int row = 0; row < rows; row++) {
      int at = x + row * columns;
      for (int column = 0; column < columns; column++) {
        float mine = number(work.get(at + column));
        int rank = 0;
        for (int e = 0; e < columns; e++) {
          float other = number(work.get(at + e));
          rank += other > mine ? 1 : 0;
          rank += other == mine && e < column ? 1 : 0;
        }
        if (rank < k) {
          work.set(index + row * k + rank, (float) column);
        }
      }
    }
  }

  private static float number(float x) {
    return Functions.isNumber(x) == 1 ? x : LOWEST;
  }

  /** y[n, j] = x[n, index[n, j]]. */
  static void takeColumns(
      FloatArray work, int y, int x, int index, int elements, int columns, int k) {
    for (int s = 0; s < elements; s++) {
      int column = (int) work.get(index + s);
      work.set(y + s, work.get(x + s / k * columns + column));
    }
  }

  /** dx[n, e] = Σⱼ dy[n, j] where index[n, j] is e. */
  static void takeColumnsBackward(
      FloatArray work, int dx, int dy, int index, int elements, int columns, int k) {
    for (int i = 0; i < elements; i++) {
      int first = i / columns * k;
      float sum = 0.0f;
      for (int j = 0; j < k; j++) {
        int column = (int) work.get(index + first + j);
        sum += column == i % columns ? work.get(dy + first + j) : 0.0f;
      }
      work.set(dx + i, sum);
    }
  }

  // ---- tokens: the rows of their slots have been gathered --------------------------------------

  /** y[n] = Σⱼ w[n, j]·z[n·k + j]. */
  static void combine(FloatArray work, int y, int w, int z, int elements, int k, int width) {
    for (int at = 0; at < elements; at += width) {
      int slot = at / width * k;
      for (int d = 0; d < width; d++) {
        float sum = 0.0f;
        for (int j = 0; j < k; j++) {
          sum += work.get(w + slot + j) * work.get(z + (slot + j) * width + d);
        }
        work.set(y + at + d, sum);
      }
    }
  }

  /** y[n] = Σⱼ z[n·k + j]. */
  static void sumTokens(FloatArray work, int y, int z, int elements, int k, int width) {
    for (int at = 0; at < elements; at += width) {
      int slot = at / width * k;
      for (int d = 0; d < width; d++) {
        float sum = 0.0f;
        for (int j = 0; j < k; j++) {
          sum += work.get(z + (slot + j) * width + d);
        }
        work.set(y + at + d, sum);
      }
    }
  }

  /** dz[s] = w[s]·dy[s / k] and dw[s] = z[s]·dy[s / k]. */
  static void combineBackward(
      FloatArray work, int dw, int dy, int w, int z, int dz, int slots, int k, int width) {
    for (int s = 0; s < slots; s++) {
      float weight = work.get(w + s);
      int from = dy + s / k * width;
      int at = s * width;
      float sum = 0.0f;
      float other = 0.0f;
      int twos = width / 2 * 2;
      for (int d = 0; d < twos; d += 2) {
        sum += work.get(z + at + d) * work.get(from + d);
        other += work.get(z + at + d + 1) * work.get(from + d + 1);
      }
      for (int d = twos; d < width; d++) {
        sum += work.get(z + at + d) * work.get(from + d);
      }
      for (int d = 0; d < width; d++) {
        work.set(dz + at + d, weight * work.get(from + d));
      }
      work.set(dw + s, sum + other);
    }
  }

  // ---- positions -------------------------------------------------------------------------------

  /** Turns queries and keys of rows [3·width] as {@link Attention#ropeF32} does. */
  static void rope(
      FloatArray work,
      int y,
      int x,
      int table,
      int firstRow,
      int elements,
      int width,
      int size,
      int positions,
      float sign) {
    for (int at = 0; at < elements; at += 3 * width) {
      int row = firstRow + at / (3 * width);
      int angles = table + row % positions * size;
      for (int j = 0; j < 2 * width; j += 2) {
        float a = work.get(x + at + j);
        float b = work.get(x + at + j + 1);
        float cos = work.get(angles + j % size);
        float sin = sign * work.get(angles + j % size + 1);
        work.set(y + at + j, a * cos - b * sin);
        work.set(y + at + j + 1, a * sin + b * cos);
      }
      for (int j = 2 * width; j < 3 * width; j++) {
        work.set(y + at + j, work.get(x + at + j));
      }
    }
  }

  // ---- rows of other arrays --------------------------------------------------------------------

  /** y[s] = z[index[s]]. */
  static void gather(FloatArray z, int from, FloatArray work, int y, int index, int n, int width) {
    for (int s = 0; s < n; s++) {
      int slot = (int) work.get(index + s);
      int row = from + slot * width;
      for (int d = 0; d < width; d++) {
        work.set(y + s * width + d, z.get(row + d));
      }
    }
  }

  /** z[index[s]] = x[s]. */
  static void scatter(FloatArray work, int x, int index, FloatArray z, int to, int n, int width) {
    for (int s = 0; s < n; s++) {
      int slot = (int) work.get(index + s);
      int row = to + slot * width;
      for (int d = 0; d < width; d++) {
        z.set(row + d, work.get(x + s * width + d));
      }
    }
  }
}
