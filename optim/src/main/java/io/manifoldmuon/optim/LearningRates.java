package io.manifoldmuon.optim;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.linalg.graph.Value;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Predicate;
import java.util.stream.DoubleStream;

/**
 * The learning rates of an optimizer's parameters as inputs of its recording. Parameters at the
 * plain rate share the scalar input {@code optimizer.lr}; one with factors of its own has the input
 * {@code optimizer.lr.w}, a scalar or one number for each slice along the first dimension, which
 * multiplies an update as a prefix.
 */
final class LearningRates {
  private final String optimizer;
  private final double base;
  private final LrSchedule schedule;
  private final Map<Parameter, double[]> factors = new LinkedHashMap<>();

  /**
   * The rates of some parameters.
   *
   * @param optimizer the beginning of the names of the inputs
   * @param base the rate at which all factors are 1
   */
  LearningRates(
      String optimizer,
      List<Parameter> parameters,
      double base,
      LrSchedule schedule,
      LrScaling scaling) {
    this.optimizer = optimizer;
    this.base = base * scaling.lrScale();
    this.schedule = schedule;
    parameters.forEach(p -> factors.put(p, scaling.factors(p)));
  }

  /** The plain rate at a step, without the factors by depth and ratio. */
  double at(long step) {
    return base * schedule.factor(step);
  }

  /** The highest rate of any slice of a parameter over all steps. */
  double highest(Parameter p) {
    return base * DoubleStream.of(factors.get(p)).max().orElse(1);
  }

  /** Throws if the highest rate of a parameter is above a limit. */
  void requireAtMost(double limit) {
    for (Parameter p : factors.keySet()) {
      if (!(highest(p) <= limit)) {
        throw new IllegalArgumentException(
            optimizer
                + ": learning rate "
                + highest(p)
                + " of "
                + p.variable()
                + " given, all factors included, wanted at most "
                + limit
                + "; lower the base rate or the factors");
      }
    }
  }

  /** Throws if the rows of a single matrix have rates of their own. */
  void requireOneForEachMatrix() {
    requireOneForEachMatrix(_ -> true);
  }

  /** The same of the parameters that a condition holds for. */
  void requireOneForEachMatrix(Predicate<Parameter> condition) {
    factors.forEach(
        (p, x) -> {
          if (condition.test(p) && x.length > 1 && p.shape().rank() < 3) {
            throw new IllegalArgumentException(
                optimizer
                    + ": "
                    + p.variable()
                    + " "
                    + p.shape()
                    + " with a learning rate for each of its "
                    + x.length
                    + " rows given, wanted one for each matrix; give it no depth, or make it a stack");
          }
        });
  }

  /** The rate of a parameter: [], or [n] for the n slices along its first dimension. */
  Value record(GraphBuilder g, Parameter p) {
    return record(g, "lr", p);
  }

  /** A function of the rate, under another name than {@code lr}. */
  Value record(GraphBuilder g, String input, Parameter p) {
    double[] f = factors.get(p);
    Shape shape = f.length == 1 ? Shape.scalar() : Shape.of(f.length);
    return g.input(label(input, p), Type.real(shape));
  }

  /** Writes what {@link #record(GraphBuilder, Parameter)} asks for. */
  void write(Program program, long step) {
    write(program, "lr", step, lr -> lr);
  }

  /** Writes what {@link #record(GraphBuilder, String, Parameter)} asks for. */
  void write(Program program, String input, long step, DoubleUnaryOperator f) {
    double lr = at(step);
    Map<String, double[]> inputs = new LinkedHashMap<>(); // a shared one is written once
    factors.forEach((p, x) -> inputs.put(label(input, p), x));
    inputs.forEach(
        (label, x) -> {
          double[] values = Arrays.stream(x).map(factor -> f.applyAsDouble(lr * factor)).toArray();
          Shape shape = x.length == 1 ? Shape.scalar() : Shape.of(x.length);
          program.write(label, Tensor.of(shape, values));
        });
  }

  private String label(String input, Parameter p) {
    double[] f = factors.get(p);
    boolean plain = f.length == 1 && f[0] == 1;
    return optimizer + "." + input + (plain ? "" : "." + p.variable());
  }
}
