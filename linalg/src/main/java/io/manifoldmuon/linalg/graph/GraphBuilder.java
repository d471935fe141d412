package io.manifoldmuon.linalg.graph;

import io.manifoldmuon.linalg.DType;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.ShapeException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Records operations into a graph. Every method appends one node, checks its shapes at once, and
 * returns the value it makes; nothing is computed before an engine compiles and runs the graph.
 *
 * <pre>{@code
 * GraphBuilder g = new GraphBuilder();
 * Value x = g.input("x", Type.real(8, 4));
 * Value w = g.variable("w", Type.real(3, 4));
 * g.output("y", g.matMulNT(x, w));          // y = x · wᵀ
 * Graph graph = g.build();
 * }</pre>
 */
public final class GraphBuilder {
  private final List<Node> nodes = new ArrayList<>();
  private final List<Value> values = new ArrayList<>();
  private final Map<String, Value> leaves = new LinkedHashMap<>();
  private final Map<String, Value> current = new LinkedHashMap<>();
  private final Map<String, Value> outputs = new LinkedHashMap<>();
  private String scope = "";
  private Phase phase = Phase.FORWARD;
  private int noiseStreams;

  // ---- where a node stands ------------------------------------------------------------------

  /** Names what {@code body} records, nested with a dot: {@code layers.0.attn}. */
  public void scope(String name, Runnable body) {
    String outer = scope;
    scope = outer.isEmpty() ? name : outer + "." + name;
    try {
      body.run();
    } finally {
      scope = outer;
    }
  }

  /** Counts what {@code body} records under {@code phase}. */
  public void phase(Phase inner, Runnable body) {
    Phase outer = phase;
    phase = inner;
    try {
      body.run();
    } finally {
      phase = outer;
    }
  }

  /**
   * Records as if from where {@code node} stands, under {@link Phase#BACKWARD}; for {@link Vjp}.
   */
  void backwardOf(Node node, Runnable body) {
    String outer = scope;
    scope = node.scope();
    try {
      phase(Phase.BACKWARD, body);
    } finally {
      scope = outer;
    }
  }

  // ---- recording ----------------------------------------------------------------------------

  /** Appends {@code op}; the typed methods below are its comfortable forms. */
  public List<Value> record(Op op, Value... inputs) {
    List<Type> types = new ArrayList<>();
    List<Integer> ids = new ArrayList<>();
    for (Value v : inputs) {
      requireOwn(op.name(), v);
      types.add(v.type());
      ids.add(v.id());
    }
    List<Type> outTypes;
    try {
      outTypes = ShapeRules.infer(op, types);
    } catch (ShapeException e) {
      throw scope.isEmpty() ? e : new ShapeException(scope + ": " + e.getMessage());
    }
    List<Value> out = new ArrayList<>();
    List<Integer> outIds = new ArrayList<>();
    for (Type t : outTypes) {
      Value v = new Value(values.size(), t, nodes.size(), this);
      values.add(v);
      out.add(v);
      outIds.add(v.id());
    }
    nodes.add(new Node(op, ids, outIds, scope, phase));
    return List.copyOf(out);
  }

  /** Throws if a value belongs to another recording. */
  void requireOwn(String what, Value v) {
    if (v.builder() != this) {
      throw new IllegalArgumentException(
          what + ": value " + v + " belongs to another recording, record it in this one");
    }
  }

  private Value one(Op op, Value... inputs) {
    return record(op, inputs).getFirst();
  }

  /** The immutable graph of all that the outputs and assignments need; the rest is dropped. */
  public Graph build() {
    return Graph.of(nodes, values, outputs);
  }

  List<Node> nodes() {
    return nodes;
  }

  Value value(int id) {
    return values.get(id);
  }

  // ---- leaves -------------------------------------------------------------------------------

  /**
   * The variable's current value: what it holds before the replay, or what the last {@link #assign}
   * recorded made of it.
   */
  public Value variable(String label, Type type) {
    Value v = current.get(label);
    if (v == null) {
      v = leaf(new Op.Variable(label, type.shape(), type.dtype()), label);
      current.put(label, v);
    }
    return checked(label, v, type);
  }

  /** A value that the host writes before each replay. */
  public Value input(String label, Type type) {
    Value v = leaves.get(label);
    if (v == null || !(nodes.get(v.node()).op() instanceof Op.Input)) {
      v = leaf(new Op.Input(label, type.shape(), type.dtype()), label);
    }
    return checked(label, v, type);
  }

  private Value leaf(Op op, String label) {
    if (leaves.containsKey(label)) {
      throw new IllegalArgumentException(
          "record: '" + label + "' names both an input and a variable, choose another name");
    }
    Value v = one(op);
    leaves.put(label, v);
    return v;
  }

  private static Value checked(String label, Value v, Type type) {
    if (!v.type().equals(type)) {
      throw new ShapeException(
          "record: '" + label + "' is " + v.type() + " already, asked for as " + type);
    }
    return v;
  }

  /** A tensor of one constant. */
  public Value fill(double value, Shape shape) {
    return one(new Op.Fill(value, shape));
  }

  /** A scalar constant. */
  public Value constant(double value) {
    return fill(value, Shape.scalar());
  }

  /** N(0, 1) samples of a stream that no other draw of this graph uses; {@code seed} is int []. */
  public Value gaussianNoise(Value seed, Shape shape) {
    return one(new Op.GaussianNoise(noiseStreams++, shape), seed);
  }

  /** Names a value that the host may read after a replay. */
  public void output(String label, Value v) {
    requireOwn("output '" + label + "'", v);
    if (outputs.putIfAbsent(label, v) != null) {
      throw new IllegalArgumentException("output: '" + label + "' is named twice, use two names");
    }
  }

  /** Makes {@code x} the content of a variable that was read or assigned in this graph. */
  public Value assign(String label, Value x) {
    Value old = current.get(label);
    if (old == null) {
      throw new IllegalArgumentException(
          "assign: no variable '" + label + "' in this graph, ask for it with variable() first");
    }
    Value v = one(new Op.Assign(label), old, x);
    current.put(label, v);
    return v;
  }

  // ---- views and layout ---------------------------------------------------------------------

  /** The same elements under another shape. */
  public Value reshape(Value x, int... dims) {
    Shape s = Shape.of(dims);
    return s.equals(x.shape()) ? x : one(new Op.Reshape(s), x);
  }

  /** Contiguous elements from {@code offset} on. */
  public Value slice(Value x, int offset, int... dims) {
    Shape s = Shape.of(dims);
    return s.equals(x.shape()) && offset == 0 ? x : one(new Op.Slice(offset, s), x);
  }

  /** All elements of the inputs in order, under a new shape. */
  public Value concat(List<Value> xs, Shape shape) {
    return xs.size() == 1
        ? reshape(xs.getFirst(), shape.toArray())
        : one(new Op.Concat(shape), xs.toArray(Value[]::new));
  }

  // ---- element by element -------------------------------------------------------------------

  /** f(x). */
  public Value map(Unary f, Value x) {
    return one(new Op.Map(f), x);
  }

  /** f(a, b), with b of a's shape or a prefix of it. */
  public Value zip(Binary f, Value a, Value b) {
    return one(new Op.Zip(f, Align.PREFIX), a, b);
  }

  /** f(a, b), with b repeated over the leading dimensions of a. */
  public Value zipColumns(Binary f, Value a, Value b) {
    return one(new Op.Zip(f, Align.SUFFIX), a, b);
  }

  /** a + b. */
  public Value add(Value a, Value b) {
    return zip(Binary.ADD, a, b);
  }

  /** a − b. */
  public Value sub(Value a, Value b) {
    return zip(Binary.SUB, a, b);
  }

  /** a · b, element by element. */
  public Value mul(Value a, Value b) {
    return zip(Binary.MUL, a, b);
  }

  /** a / b, element by element. */
  public Value div(Value a, Value b) {
    return zip(Binary.DIV, a, b);
  }

  /** c · x for a constant c. */
  public Value scale(Value x, double c) {
    return mul(x, constant(c));
  }

  /** a + t·(b − a) for a scalar t. */
  public Value lerp(Value a, Value b, Value t) {
    return one(new Op.Lerp(), a, b, t);
  }

  /** wa·a + wb·b for constants wa and wb. */
  public Value weightedSum(double wa, Value a, double wb, Value b) {
    return one(new Op.WeightedSum(wa, wb, 0), a, b);
  }

  /** wa·A + wb·B + d·I for constants wa, wb and d. */
  public Value weightedSum(double wa, Value a, double wb, Value b, double d) {
    return one(new Op.WeightedSum(wa, wb, d), a, b);
  }

  /** The largest |x| over all dimensions after the first {@code keep}. */
  public Value maxAbs(Value x, int keep) {
    return one(new Op.MaxAbs(keep), x);
  }

  /** Repeats x over a larger shape. */
  public Value expand(Value x, Shape shape, Align align) {
    return shape.equals(x.shape()) ? x : one(new Op.Expand(shape, align), x);
  }

  /** Sums x down to a smaller shape. */
  public Value sum(Value x, Shape shape, Align align) {
    return shape.equals(x.shape()) ? x : one(new Op.Sum(shape, align), x);
  }

  /** The sum of all elements. */
  public Value sum(Value x) {
    return sum(x, Shape.scalar(), Align.PREFIX);
  }

  /** The mean of all elements. */
  public Value mean(Value x) {
    return scale(sum(x), 1.0 / x.shape().size());
  }

  /** Σ a·b over all dimensions after the first {@code keep}. */
  public Value dot(Value a, Value b, int keep) {
    return one(new Op.Dot(keep), a, b);
  }

  // ---- products -----------------------------------------------------------------------------

  /** A·B. */
  public Value matMul(Value a, Value b) {
    return one(new Op.MatMul(false, false), a, b);
  }

  /** A·Bᵀ. */
  public Value matMulNT(Value a, Value b) {
    return one(new Op.MatMul(false, true), a, b);
  }

  /** Aᵀ·B. */
  public Value matMulTN(Value a, Value b) {
    return one(new Op.MatMul(true, false), a, b);
  }

  /** op(A)·op(B). */
  public Value matMul(Value a, Value b, boolean transposeA, boolean transposeB) {
    return one(new Op.MatMul(transposeA, transposeB), a, b);
  }

  /** XᵀX, or XXᵀ with {@code rows}, for half the flops of the product. */
  public Value gram(Value x, boolean rows) {
    return one(new Op.Gram(rows), x);
  }

  /** A·B where that is symmetric, for half the flops of the product. */
  public Value symmetricMatMul(Value a, Value b) {
    return one(new Op.SymmetricMatMul(), a, b);
  }

  /** a·X + b·Xᵀ for constants a and b. */
  public Value addTransposed(double a, double b, Value x) {
    return one(new Op.AddTransposed(a, b), x);
  }

  /** The singular value decomposition of each matrix of a stack. */
  public Svd svd(Value x) {
    List<Value> out = record(new Op.Svd(), x);
    return new Svd(out.get(0), out.get(1), out.get(2));
  }

  /** What {@link Op.Svd} gives: X = U·diag(σ)·Vᵀ. */
  public record Svd(Value U, Value sigma, Value V) {}

  /** Row ranges of x times the matrix of their expert. */
  public Value groupedMatMul(Value x, Value w, Value offsets, boolean transposeW) {
    return one(new Op.GroupedMatMul(transposeW), x, w, offsets);
  }

  /** AᵀB over the rows of each expert. */
  public Value groupedOuter(Value a, Value b, Value offsets) {
    return one(new Op.GroupedOuter(offsets.shape().dim(0) - 1), a, b, offsets);
  }

  // ---- rows ---------------------------------------------------------------------------------

  /** Root-mean-square normalisation with a gain. */
  public Value rmsNorm(Value x, Value gain, double epsilon) {
    return one(new Op.RmsNorm(epsilon), x, gain);
  }

  /** Softmax over the last dimension. */
  public Value softmax(Value x) {
    return one(new Op.Softmax(), x);
  }

  /** Log-sum-exp over the last dimension. */
  public Value logSumExp(Value x) {
    return one(new Op.LogSumExp(), x);
  }

  // ---- language model -----------------------------------------------------------------------

  /** Rows of a table. */
  public Value embedding(Value table, Value ids) {
    return one(new Op.Embedding(), table, ids);
  }

  /** Rotary position embedding of packed queries, keys and values. */
  public Value rope(Value qkv, int heads, double base) {
    return one(new Op.Rope(heads, base, false), qkv);
  }

  /** Causal softmax attention of packed queries, keys and values. */
  public Value causalAttention(Value qkv, int heads, double scale) {
    return one(new Op.CausalAttention(heads, scale), qkv);
  }

  /** The loss of each row. */
  public Value crossEntropy(Value logits, Value targets) {
    return one(new Op.CrossEntropy(), logits, targets);
  }

  // ---- routing ------------------------------------------------------------------------------

  /** The columns of the k largest scores of each row. */
  public Value topK(Value scores, int k) {
    return one(new Op.TopK(k), scores);
  }

  /** Experts in turn, whatever the scores. */
  public Value roundRobin(int tokens, int k, int experts) {
    return one(new Op.RoundRobin(tokens, k, experts));
  }

  /** Entries of each row at the given columns. */
  public Value takeColumns(Value x, Value index) {
    return one(new Op.TakeColumns(), x, index);
  }

  /** The routed rows sorted by expert. */
  public Routing dispatch(Value index, int experts) {
    List<Value> out = record(new Op.Dispatch(experts), index);
    return new Routing(out.get(0), out.get(1));
  }

  /** The number of rows of each expert. */
  public Value counts(Value offsets) {
    return one(new Op.Counts(), offsets);
  }

  /** The token rows in the order of the experts. */
  public Value gatherTokens(Value x, Value position) {
    return one(new Op.GatherTokens(position.shape().size() / x.shape().dim(0)), x, position);
  }

  /** The weighted sum of each token's routed rows. */
  public Value combineTokens(Value z, Value weights, Value position) {
    return one(new Op.CombineTokens(), z, weights, position);
  }

  /** What {@link Op.Dispatch} gives. */
  public record Routing(Value position, Value offsets) {}

  // ---- updates ------------------------------------------------------------------------------

  /** One AdamW step: the new parameter and moments, to be assigned. */
  public AdamWResult adamW(Value p, Value g, Value m, Value v, AdamWScalars s) {
    List<Value> out =
        record(
            new Op.AdamW(),
            p,
            g,
            m,
            v,
            s.gradScale(),
            s.lr(),
            s.beta1(),
            s.beta2(),
            s.epsilon(),
            s.decay(),
            s.step());
    return new AdamWResult(out.get(0), out.get(1), out.get(2));
  }

  /** The changing scalars of {@link Op.AdamW}, each of shape []. */
  public record AdamWScalars(
      Value gradScale,
      Value lr,
      Value beta1,
      Value beta2,
      Value epsilon,
      Value decay,
      Value step) {}

  /** The new parameter and its first and second moment. */
  public record AdamWResult(Value parameter, Value m, Value v) {}

  /** A real scalar that the host writes before each replay. */
  public Value scalarInput(String label) {
    return input(label, new Type(Shape.scalar(), DType.REAL));
  }
}
