package io.manifoldmuon.model.nn;

import io.manifoldmuon.linalg.CounterRandom;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.optim.Parameter;
import io.manifoldmuon.optim.Role;
import io.manifoldmuon.optim.SphereMode;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * First values of the weights: a pure function of the seed and of each tensor's name in
 * checkpoints, so that a tensor starts the same whatever else the model has.
 *
 * <p>Parameters as the {@link Layout} wants them, other matrices as their role's {@link Start}
 * says, other gains 1, state 0.
 */
final class Initialization {
  private static final double MATRIX_DEVIATION = 0.02;

  private final Layout layout;
  private final Map<String, Role> roles;
  private final long seed;
  private final Map<Role, Start> starts;

  private Initialization(
      Layout layout, Map<String, Role> roles, long seed, Map<Role, Start> starts) {
    this.layout = layout;
    this.roles = roles;
    this.seed = seed;
    this.starts = starts;
  }

  /** The contents of all variables of a layout. */
  static Map<String, Tensor> of(Layout layout, long seed, Map<Role, Start> starts) {
    Map<String, Role> roles =
        layout.parameters().stream()
            .collect(Collectors.toMap(Parameter::variable, Parameter::role));
    var init = new Initialization(layout, roles, seed, starts);
    Map<String, Tensor> named = new LinkedHashMap<>();
    layout.checkpointTensors().forEach(t -> named.put(t.name(), init.tensor(t)));
    return layout.join(named);
  }

  private Tensor tensor(CheckpointTensor t) {
    if (!t.trainable()) {
      return Tensor.of(t.shape(), new float[t.shape().size()]);
    }
    Start start =
        layout
            .start(t.variable())
            .orElseGet(
                () -> {
                  Role role = roles.get(t.variable());
                  return switch (role) {
                    case ATTENTION, EXPERT_UP, EXPERT_DOWN, EMBEDDING, ROUTER ->
                        starts.getOrDefault(role, new Start.Gaussian());
                    case GAIN -> new Start.Constant(1);
                  };
                });
    return switch (start) {
      case Start.Constant(double value) -> constant(t.shape(), value);
      case Start.Gaussian() -> gaussian(t);
      case Start.Sphere(SphereMode mode) -> unitVectors(t, mode);
      case Start.Stiefel(double radius) -> orthogonal(t, radius);
    };
  }

  private static Tensor constant(Shape shape, double value) {
    float[] x = new float[shape.size()];
    Arrays.fill(x, (float) value);
    return Tensor.of(shape, x);
  }

  private Tensor gaussian(CheckpointTensor t) {
    long stream = CounterRandom.stream(t.name());
    return byPart(
        t.shape(),
        t.shape().dim(-1),
        (x, start, length) -> {
          for (int i = start; i < start + length; i++) {
            x[i] = (float) (MATRIX_DEVIATION * CounterRandom.gaussian(seed, stream, i));
          }
        });
  }

  private Tensor unitVectors(CheckpointTensor t, SphereMode mode) {
    long stream = CounterRandom.stream(t.name());
    int rows = t.shape().dim(-2);
    int columns = t.shape().dim(-1);
    return byPart(
        t.shape(),
        mode == SphereMode.PER_ROW ? columns : rows * columns,
        (x, start, length) -> {
          int vectors = mode == SphereMode.PER_COLUMN ? columns : 1; // laid out side by side
          double[] values = new double[length];
          double[] squares = new double[vectors];
          for (int i = 0; i < length; i++) {
            values[i] = CounterRandom.gaussian(seed, stream, start + i);
            squares[i % vectors] += values[i] * values[i];
          }
          for (int i = 0; i < length; i++) {
            x[start + i] = (float) (values[i] / Math.sqrt(squares[i % vectors]));
          }
        });
  }

  /** Gaussian vectors along the long side, made orthonormal; each matrix of a stack by itself. */
  private Tensor orthogonal(CheckpointTensor t, double radius) {
    long stream = CounterRandom.stream(t.name());
    Shape shape = t.shape();
    int m = shape.dim(-2);
    int n = shape.dim(-1);
    float[] x = new float[shape.size()];
    IntStream.range(0, x.length / (m * n))
        .parallel()
        .forEach(
            member -> {
              double[][] vectors = new double[Math.min(m, n)][Math.max(m, n)];
              int start = member * m * n;
              for (int i = 0; i < m * n; i++) {
                double value = CounterRandom.gaussian(seed, stream, start + i);
                if (m < n) {
                  vectors[i / n][i % n] = value;
                } else {
                  vectors[i % n][i / n] = value;
                }
              }
              orthonormalize(vectors);
              for (int i = 0; i < m * n; i++) {
                double value = m < n ? vectors[i / n][i % n] : vectors[i % n][i / n];
                x[start + i] = (float) (radius * value);
              }
            });
    return Tensor.of(shape, x);
  }

  /**
   * Gram and Schmidt's modified process. Of Gaussian vectors the result is uniform on the Stiefel
   * manifold, as their polar factor is, because the diagonal of R is positive.
   *
   * <p><b>Source</b> Mezzadri 2007, arXiv math-ph/0609050.
   */
  private static void orthonormalize(double[][] vectors) {
    for (int i = 0; i < vectors.length; i++) {
      double[] v = vectors[i];
      double length = Math.sqrt(dot(v, v));
      for (int k = 0; k < v.length; k++) {
        v[k] /= length;
      }
      for (int j = i + 1; j < vectors.length; j++) {
        double[] w = vectors[j];
        double share = dot(v, w);
        for (int k = 0; k < w.length; k++) {
          w[k] -= share * v[k];
        }
      }
    }
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int k = 0; k < a.length; k++) {
      sum += a[k] * b[k];
    }
    return sum;
  }

  private interface Part {
    void fill(float[] x, int start, int length);
  }

  private static Tensor byPart(Shape shape, int length, Part part) {
    float[] x = new float[shape.size()];
    IntStream.range(0, x.length / length).parallel().forEach(r -> part.fill(x, r * length, length));
    return Tensor.of(shape, x);
  }
}
