package io.manifoldmuon.linalg.engine;

import io.manifoldmuon.linalg.CounterRandom;
import io.manifoldmuon.linalg.DType;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.graph.Graph;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Node;
import io.manifoldmuon.linalg.graph.Op;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.linalg.graph.Unary;
import io.manifoldmuon.linalg.graph.Value;
import java.util.Set;

/**
 * A model of rounding: the same graph with every real value x replaced by x·(1 + u·z), z random of
 * mean 0 and variance 1, and with a second such term for ops that subtract nearly equal numbers
 * inside. How far the outputs move in float64 tells how far an engine that rounds to u may be off.
 *
 * <p><b>Source</b> Parker 1997, "Monte Carlo arithmetic".
 */
final class Rounding {
  /** Inputs of a noisy graph that hold samples of u·z. */
  private static final String NOISE = "rounding.";

  private final GraphBuilder g = new GraphBuilder();
  private final Graph graph;
  private final Set<String> exact;
  private final Value[] raw;
  private final Value[] noisy;

  private Rounding(Graph graph, Set<String> exact) {
    this.graph = graph;
    this.exact = exact;
    this.raw = new Value[graph.valueCount()];
    this.noisy = new Value[graph.valueCount()];
  }

  /**
   * The noisy form of a graph.
   *
   * @param exact the variables and inputs that are not rounded
   */
  static Graph noisy(Graph graph, Set<String> exact) {
    Rounding r = new Rounding(graph, exact);
    graph.nodes().forEach(r::copy);
    graph.outputs().forEach((label, v) -> r.g.output(label, r.noisy[v]));
    return r.g.build();
  }

  /** Writes the noise inputs of one sample. */
  static void sample(Program program, double u, long seed) {
    Graph graph = program.graph();
    graph
        .inputs()
        .forEach(
            (label, id) -> {
              if (label.startsWith(NOISE)) {
                Shape shape = graph.type(id).shape();
                double[] x = new double[shape.size()];
                for (int i = 0; i < x.length; i++) {
                  x[i] = u * unitVariance(seed, label.hashCode(), i);
                }
                program.write(label, Tensor.of(shape, x));
              }
            });
  }

  /** A continuous sample of mean 0 and variance 1: the sum of two uniform ones. */
  private static double unitVariance(long seed, long stream, int i) {
    double a = CounterRandom.uniform(seed, stream, 2L * i);
    double b = CounterRandom.uniform(seed, stream, 2L * i + 1);
    return Math.sqrt(6) * (a + b - 1);
  }

  private void copy(Node n) {
    Value[] in = n.inputs().stream().map(v -> noisy[v]).toArray(Value[]::new);
    if (n.op() instanceof Op.Assign) {
      in[0] = raw[n.inputs().getFirst()];
    }
    var out = g.record(n.op(), in);
    for (int j = 0; j < out.size(); j++) {
      int v = n.outputs().get(j);
      raw[v] = out.get(j);
      noisy[v] = isExact(n.op(), graph.type(v)) ? raw[v] : moved(raw[v], raw[v], "" + v);
    }
    Value cancelled = cancelled(n.op(), in);
    if (cancelled != null) {
      int v = n.outputs().getFirst();
      noisy[v] = moved(noisy[v], cancelled, v + ".inside");
    }
  }

  private boolean isExact(Op op, Type type) {
    return type.dtype() == DType.INT
        || switch (op) {
          case Op.Input o -> exact.contains(o.label());
          case Op.Variable o -> exact.contains(o.label());
          case Op.Reshape _, Op.Slice _, Op.Concat _, Op.Expand _, Op.Assign _ -> true;
          default -> false;
        };
  }

  /** y + x·u·z. */
  private Value moved(Value y, Value x, String label) {
    return g.add(y, g.mul(x, g.input(NOISE + label, x.type())));
  }

  /** What the op subtracts from or adds to its first output inside, where that may be larger. */
  private Value cancelled(Op op, Value[] in) {
    return switch (op) {
      // loss = lse − logit
      case Op.CrossEntropy _ -> g.record(op, in).get(1);
      // dx = r·gain·dy − …
      case Op.RmsNormBackward o -> {
        Value x = in[1];
        Value mean = g.scale(g.dot(x, x, 1), 1.0 / x.shape().dim(1));
        Value rms = g.map(Unary.SQRT, g.add(mean, g.constant(o.epsilon())));
        yield g.div(g.zipColumns(io.manifoldmuon.linalg.graph.Binary.MUL, in[0], in[2]), rms);
      }
      // y = a + t·(b − a)
      case Op.Lerp _ -> in[0];
      // a·A and d, or a·X, may cancel the rest
      case Op.WeightedSum o ->
          g.add(g.map(Unary.ABS, g.scale(in[0], o.a())), g.constant(Math.abs(o.d())));
      case Op.AddTransposed o -> g.scale(in[0], o.a());
      // dx = dy·σ(1 − σ), dy·σ(1 + x(1 − σ)) and dy·(Φ + xφ)
      case Op.MapBackward(Unary f) when f == Unary.SIGMOID -> in[1];
      case Op.MapBackward(Unary f) when f == Unary.SILU || f == Unary.GELU ->
          g.mul(in[1], g.add(g.map(Unary.ABS, in[0]), g.constant(1)));
      default -> null;
    };
  }
}
