package io.manifoldmuon.model.inspect;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.linalg.graph.Value;
import io.manifoldmuon.model.format.SafetensorsFile;
import io.manifoldmuon.model.format.TensorInfo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Measures the tensors of any safetensors file, stacks of matrices in pieces that fit memory.
 *
 * <p>Singular values and Gram matrices come from an engine, in its precision; each matrix is given
 * to it divided by a power of two, so that no square leaves its range. Lengths of rows and of whole
 * tensors are summed here, in float64.
 */
public final class Inspector implements AutoCloseable {
  /** The most elements of a matrix that is decomposed. */
  public static final long MOST_ELEMENTS = 1L << 26;

  /** Elements that are read at a time, but for a matrix that has more. */
  private static final long PIECE = 1L << 22;

  private final Engine engine;
  private final OptionalDouble radius;
  private Program program;
  private Shape compiled;

  /**
   * An inspector.
   *
   * @param radius s of the Stiefel manifold; without it, each matrix's own ‖W‖_F/√k
   */
  public Inspector(Engine engine, OptionalDouble radius) {
    this.engine = engine;
    this.radius = radius;
  }

  /** Values of a tensor, from an index on, exactly. */
  @FunctionalInterface
  public interface Values {
    double[] read(long from, int count);
  }

  /** Measures a tensor of a file. */
  public TensorFacts inspect(SafetensorsFile file, String name) {
    TensorInfo info = file.info(name);
    TensorFacts.Kind kind = kind(info.shape(), info.elements());
    if (kind != TensorFacts.Kind.EMPTY && !file.readable(name)) {
      double nan = Double.NaN;
      return new TensorFacts(
          name, info.shape(), TensorFacts.Kind.OTHER_TYPE, 0, nan, nan, List.of(), List.of());
    }
    return inspect(name, info.shape(), (from, count) -> file.readDoubles(name, from, count));
  }

  /** Measures a tensor of that shape. */
  public TensorFacts inspect(String name, long[] shape, Values values) {
    long elements = Arrays.stream(shape).reduce(1, Math::multiplyExact);
    TensorFacts.Kind kind = kind(shape, elements);
    boolean matrices = kind == TensorFacts.Kind.MATRICES;
    int columns = matrices ? (int) shape[shape.length - 1] : 1;
    int rows = matrices ? (int) shape[shape.length - 2] : 1;
    long size = (long) rows * columns;
    long piece = Math.max(1, PIECE / size) * size;
    Sums whole = new Sums();
    List<MatrixFacts> facts = new ArrayList<>();
    List<Double> first = new ArrayList<>();
    for (long from = 0; from < elements; from += piece) {
      double[] x = values.read(from, (int) Math.min(piece, elements - from));
      whole.add(x, 0, x.length);
      if (matrices) {
        facts.addAll(matrices(x, rows, columns));
      } else if (kind == TensorFacts.Kind.VECTOR && from == 0) {
        Arrays.stream(x).limit(TensorFacts.MOST_VALUES).forEach(first::add);
      }
    }
    return new TensorFacts(
        name, shape, kind, whole.notFinite, whole.norm(), whole.maxAbs(), facts, first);
  }

  private static TensorFacts.Kind kind(long[] shape, long elements) {
    if (elements == 0) {
      return TensorFacts.Kind.EMPTY;
    }
    if (shape.length < 2) {
      return shape.length == 1 ? TensorFacts.Kind.VECTOR : TensorFacts.Kind.SCALAR;
    }
    long size = Math.multiplyExact(shape[shape.length - 1], shape[shape.length - 2]);
    return size > MOST_ELEMENTS ? TensorFacts.Kind.TOO_LARGE : TensorFacts.Kind.MATRICES;
  }

  // ---- matrices -----------------------------------------------------------------------------

  /** What is known of a matrix before the engine has seen it. */
  private record Given(Sums sums, double longestRow, double sphere, double scale, double radius) {}

  private List<MatrixFacts> matrices(double[] x, int rows, int columns) {
    int size = rows * columns;
    int count = x.length / size;
    int k = Math.min(rows, columns);
    List<Given> given = new ArrayList<>();
    double[] scaled = new double[x.length];
    double[] inverse = new double[count];
    for (int i = 0; i < count; i++) {
      Given m = given(x, i * size, rows, columns);
      given.add(m);
      inverse[i] = 1;
      if (m.sums.notFinite == 0) {
        for (int j = i * size; j < (i + 1) * size; j++) {
          scaled[j] = x[j] / m.scale;
        }
        inverse[i] = m.radius == 0 ? 1 : m.scale / m.radius;
      }
    }
    Program p = program(Shape.of(count, rows, columns));
    p.write("x", Tensor.of(Shape.of(count, rows, columns), scaled));
    p.write("inverse", Tensor.of(Shape.of(count), inverse));
    p.run();
    double[] sigma = p.read("sigma").doubles();
    double[] residual = p.read("residual").doubles();
    List<MatrixFacts> facts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      facts.add(facts(given.get(i), sigma, i * k, k, residual[i]));
    }
    return facts;
  }

  private Given given(double[] x, int start, int rows, int columns) {
    Sums whole = new Sums();
    whole.add(x, start, rows * columns);
    double longest = 0;
    double sphere = 0;
    for (int r = 0; r < rows; r++) {
      Sums row = new Sums();
      row.add(x, start + r * columns, columns);
      longest = Math.max(longest, row.norm());
      sphere = Math.max(sphere, Math.abs(row.norm() - 1));
    }
    double maxAbs = whole.maxAbs();
    double scale = maxAbs > 0 ? Math.scalb(1.0, Math.getExponent(maxAbs)) : 1;
    double own = whole.norm() / Math.sqrt(Math.min(rows, columns));
    return new Given(whole, longest, sphere, scale, radius.orElse(own));
  }

  private static MatrixFacts facts(Given m, double[] sigma, int from, int k, double residual) {
    if (m.sums.notFinite > 0) {
      return MatrixFacts.unknown(m.sums.notFinite);
    }
    double nuclear = 0;
    for (int j = from; j < from + k; j++) {
      nuclear += sigma[j];
    }
    return new MatrixFacts(
        0,
        m.scale * sigma[from],
        m.scale * sigma[from + k - 1],
        m.scale * nuclear,
        m.sums.norm(),
        m.radius,
        residual,
        m.sphere,
        m.longestRow);
  }

  /** σ, and max|XᵀX·inverse² − I| on the short side, of a stack of matrices. */
  private Program program(Shape shape) {
    if (!shape.equals(compiled)) {
      close();
      GraphBuilder g = new GraphBuilder();
      Value x = g.input("x", Type.real(shape));
      Value inverse = g.input("inverse", Type.real(shape.dim(0)));
      g.output("sigma", g.svd(x).sigma());
      Value gram = g.gram(g.mul(x, inverse), shape.dim(1) < shape.dim(2));
      g.output("residual", g.maxAbs(g.weightedSum(1, gram, 0, gram, -1), 1));
      program = engine.compile(g.build());
      compiled = shape;
    }
    return program;
  }

  @Override
  public void close() {
    if (program != null) {
      program.close();
      program = null;
      compiled = null;
    }
  }

  /** Root of the sum of squares and largest magnitude, whatever their range; what is not finite. */
  private static final class Sums {
    private long notFinite;
    private double largest;
    private double scale = 1; // a power of two
    private double squares; // of values divided by the scale

    void add(double[] x, int from, int count) {
      double most = largest;
      for (int i = from; i < from + count; i++) {
        double a = Math.abs(x[i]);
        if (a <= Double.MAX_VALUE) {
          most = Math.max(most, a);
        } else {
          notFinite++;
        }
      }
      if (notFinite > 0 || most == 0) {
        return;
      }
      double next = Math.scalb(1.0, Math.getExponent(most));
      squares = squares == 0 ? 0 : squares * (scale / next) * (scale / next); // next ≥ scale then
      scale = next;
      largest = most;
      double sum = 0;
      for (int i = from; i < from + count; i++) {
        double scaled = x[i] / next;
        sum += scaled * scaled;
      }
      squares += sum;
    }

    double norm() {
      return notFinite > 0 ? Double.NaN : scale * Math.sqrt(squares);
    }

    double maxAbs() {
      return notFinite > 0 ? Double.NaN : largest;
    }
  }
}
