package io.manifoldmuon.linalg.engine;

import io.manifoldmuon.linalg.DType;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.graph.Graph;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Op;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.linalg.graph.Value;
import io.manifoldmuon.linalg.graph.Vjp;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;

/**
 * One op at one size, with its operands.
 *
 * <p>It makes two graphs. {@link #forward} reads the operands as inputs {@code in0}, {@code in1}, …
 * and gives {@code y0}, {@code y1}, …. {@link #full} reads them as variables {@code <name>/in0}, …
 * and gives besides the y the gradients {@code d0}, … of the functional Σ c·y by the differentiable
 * operands, with random weights c as inputs {@code c0}, ….
 *
 * @param name op, size and seed, for messages
 * @param op the op under test
 * @param operands the values it is given
 * @param recipe records the op, and what makes its other inputs, on the operands
 * @param functionalOutputs how many of the first outputs enter the functional; 0 for ops without a
 *     gradient
 */
record Case(
    String name,
    Op op,
    List<Operand> operands,
    BiFunction<GraphBuilder, List<Value>, List<Value>> recipe,
    int functionalOutputs) {

  /** One given value; {@code varies} if gradients by it are asked for and rounding may touch it. */
  record Operand(Tensor value, boolean varies) {
    Type type() {
      return new Type(value.shape(), value.dtype());
    }
  }

  Graph forward() {
    GraphBuilder g = new GraphBuilder();
    List<Value> in = new ArrayList<>();
    for (int i = 0; i < operands.size(); i++) {
      in.add(g.input("in" + i, operands.get(i).type()));
    }
    outputs(g, recipe.apply(g, in));
    return g.build();
  }

  Graph full() {
    GraphBuilder g = new GraphBuilder();
    List<Value> in = new ArrayList<>();
    for (int i = 0; i < operands.size(); i++) {
      in.add(g.variable(variable(i), operands.get(i).type()));
    }
    List<Value> y = recipe.apply(g, in);
    outputs(g, y);
    if (functionalOutputs > 0) {
      Value functional = g.constant(0);
      for (int j = 0; j < functionalOutputs; j++) {
        functional = g.add(functional, g.dot(y.get(j), g.input("c" + j, y.get(j).type()), 0));
      }
      List<Integer> varying = varying();
      List<Value> d = Vjp.gradients(g, functional, varying.stream().map(in::get).toList());
      for (int j = 0; j < d.size(); j++) {
        g.output("d" + varying.get(j), d.get(j));
      }
    }
    return g.build();
  }

  private static void outputs(GraphBuilder g, List<Value> y) {
    for (int j = 0; j < y.size(); j++) {
      g.output("y" + j, y.get(j));
    }
  }

  /** The operands to differentiate by. */
  List<Integer> varying() {
    List<Integer> result = new ArrayList<>();
    for (int i = 0; i < operands.size(); i++) {
      if (operands.get(i).varies()) {
        result.add(i);
      }
    }
    return result;
  }

  String variable(int operand) {
    return name + "/in" + operand;
  }

  /** The weight of output j in the functional. */
  static Tensor weight(int j, Shape shape) {
    return Tensor.of(shape, Values.GAUSS.sample(shape, 77, j));
  }

  /** Runs {@link #forward}, twice if asked, and gives its outputs. */
  Map<String, Tensor> runForward(Engine engine, int runs) {
    try (Program program = engine.compile(forward())) {
      for (int i = 0; i < operands.size(); i++) {
        program.write("in" + i, operands.get(i).value());
      }
      return replay(program, runs);
    }
  }

  /** Runs {@link #full}, twice if asked, and gives its outputs. */
  Map<String, Tensor> runFull(Engine engine, int runs) {
    for (int i = 0; i < operands.size(); i++) {
      engine.write(variable(i), operands.get(i).value());
    }
    try (Program program = engine.compile(full())) {
      writeWeights(program);
      return replay(program, runs);
    }
  }

  static void writeWeights(Program program) {
    Graph graph = program.graph();
    graph
        .inputs()
        .forEach(
            (label, id) -> {
              if (label.startsWith("c")) {
                Shape shape = graph.type(id).shape();
                program.write(label, weight(Integer.parseInt(label.substring(1)), shape));
              }
            });
  }

  static Map<String, Tensor> replay(Program program, int runs) {
    for (int r = 0; r < runs; r++) {
      program.run();
    }
    Map<String, Tensor> result = new TreeMap<>();
    program.graph().outputs().keySet().forEach(label -> result.put(label, program.read(label)));
    return result;
  }

  @Override
  public String toString() {
    return name;
  }

  // ---- building -----------------------------------------------------------------------------

  /** Starts a case; the label tells its size. */
  static Builder of(Op op, String label) {
    return new Builder(op, label);
  }

  /** Collects operands; their values depend on the case's name only. */
  static final class Builder {
    private final Op op;
    private final String name;
    private final long seed;
    private final List<Operand> operands = new ArrayList<>();
    private BiFunction<GraphBuilder, List<Value>, List<Value>> recipe;
    private int functionalOutputs = -1;

    private Builder(Op op, String label) {
      this.op = op;
      this.seed = (op.name() + label).hashCode() & 0xffff;
      this.name = op.name() + " " + label + " seed " + seed;
      this.recipe = (g, in) -> g.record(op, in.toArray(Value[]::new));
    }

    /** A real operand. */
    Builder real(Values values, int... dims) {
      return real(values, Shape.of(dims));
    }

    Builder real(Values values, Shape shape) {
      operands.add(new Operand(sample(values, shape), true));
      return this;
    }

    /** A real operand that is exact and not differentiated by. */
    Builder fixed(Values values, int... dims) {
      operands.add(new Operand(sample(values, Shape.of(dims)), false));
      return this;
    }

    /** A real scalar that is exact and not differentiated by. */
    Builder scalar(double value) {
      operands.add(new Operand(Tensor.scalar((double) (float) value), false));
      return this;
    }

    Builder ints(Shape shape, int... values) {
      operands.add(new Operand(Tensor.of(shape, values), false));
      return this;
    }

    /** Records something else than the op on the operands alone. */
    Builder recipe(BiFunction<GraphBuilder, List<Value>, List<Value>> other) {
      recipe = other;
      return this;
    }

    /** Only the first {@code n} outputs have gradients. */
    Builder functional(int n) {
      functionalOutputs = n;
      return this;
    }

    Case build() {
      int n = functionalOutputs;
      if (n < 0) {
        Graph g = new Case(name, op, operands, recipe, 0).forward();
        n = (int) g.outputs().values().stream().filter(v -> isReal(g.type(v))).count();
      }
      return new Case(name, op, List.copyOf(operands), recipe, n);
    }

    private static boolean isReal(Type type) {
      return type.dtype() == DType.REAL;
    }

    private Tensor sample(Values values, Shape shape) {
      return Tensor.of(shape, values.sample(shape, seed, operands.size()));
    }

    /** The seed that the name tells. */
    long seed() {
      return seed;
    }
  }
}
