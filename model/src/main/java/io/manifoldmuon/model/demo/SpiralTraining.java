package io.manifoldmuon.model.demo;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.linalg.graph.Value;
import io.manifoldmuon.linalg.graph.Vjp;
import io.manifoldmuon.optim.AdamW;
import io.manifoldmuon.optim.AdamWSettings;
import io.manifoldmuon.optim.ComposedOptimizer;
import io.manifoldmuon.optim.LrSchedule;
import io.manifoldmuon.optim.Optimizer;
import io.manifoldmuon.optim.Parameter;
import io.manifoldmuon.optim.Retraction;
import io.manifoldmuon.optim.StiefelMuon;
import io.manifoldmuon.optim.StiefelSettings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * Trains a network to tell two spiral arms apart, its matrices on the Stiefel manifold by manifold
 * Muon, gains and biases by AdamW.
 */
public final class SpiralTraining {
  /** The points of a batch, which is all training points. */
  public static final int BATCH = 512;

  /** The steps from one measurement of the distance from the manifold to the next. */
  public static final int CHECK_EVERY = 10;

  private static final double MATRIX_LR = 0.05;
  private static final double REST_LR = 0.02;

  private SpiralTraining() {}

  /**
   * What training gave.
   *
   * @param loss mean cross-entropy of the last step
   * @param accuracy the share of new points whose arm is told
   * @param residual the largest max|WᵀW − I| of all matrices that was measured
   * @param field the probability of arm 1 over the square, row by row from the top
   */
  public record Result(double loss, double accuracy, double residual, ProbabilityField field) {}

  /**
   * Trains on new random points and judges on others.
   *
   * @param progress told the number of steps done and the loss
   */
  public static Result run(
      Engine engine, long seed, int steps, BiConsumer<Integer, Double> progress) {
    SpiralNetwork.initialize(engine, seed);
    Optimizer optimizer = optimizer(steps);
    double loss = Double.NaN;
    double residual = 0;
    SpiralPoints points = SpiralPoints.random(BATCH, seed, "train");
    try (Program program = engine.compile(step(optimizer).build());
        Retraction retraction = new Retraction(engine, optimizer)) {
      program.write("points", points.xy());
      program.write("arms", points.arms());
      for (int step = 0; step < steps; step++) {
        optimizer.writeInputs(program, step);
        program.run();
        retraction.afterStep(step);
        loss = program.readScalar("loss");
        if ((step + 1) % CHECK_EVERY == 0 || step == steps - 1) {
          residual = Math.max(residual, retraction.measure().total().max()); // NaN wins
        }
        progress.accept(step + 1, loss);
      }
    }
    SpiralPoints others = SpiralPoints.random(2 * BATCH, seed, "test");
    try (Program program = engine.compile(probability(others.count()).build())) {
      return new Result(
          loss, accuracy(program, others), residual, ProbabilityField.of(program, others.count()));
    }
  }

  private static Optimizer optimizer(int steps) {
    LrSchedule schedule = LrSchedule.linear(0, steps, 0);
    return new ComposedOptimizer(
        List.of(
            new StiefelMuon(
                "stiefel", SpiralNetwork.matrices(), StiefelSettings.of(MATRIX_LR), schedule),
            new AdamW(SpiralNetwork.rest(), AdamWSettings.of(REST_LR), schedule)));
  }

  /** Loss, gradients and update. */
  private static GraphBuilder step(Optimizer optimizer) {
    GraphBuilder g = new GraphBuilder();
    Value logits = SpiralNetwork.logits(g, g.input("points", Type.real(BATCH, 2)));
    Value loss = g.mean(g.crossEntropy(logits, g.input("arms", Type.integer(BATCH))));
    g.output("loss", loss);
    List<Parameter> parameters = optimizer.parameters();
    List<Value> gradients =
        Vjp.gradients(g, loss, parameters.stream().map(p -> p.value(g)).toList());
    Map<Parameter, Value> byParameter = new LinkedHashMap<>();
    for (int i = 0; i < parameters.size(); i++) {
      byParameter.put(parameters.get(i), gradients.get(i));
    }
    optimizer.record(g, byParameter, g.constant(1));
    return g;
  }

  /** The probabilities [n, 2] of the arms at points [n, 2]. */
  private static GraphBuilder probability(int n) {
    GraphBuilder g = new GraphBuilder();
    Value points = g.input("points", Type.real(n, 2));
    g.output("probability", g.softmax(SpiralNetwork.logits(g, points)));
    return g;
  }

  /** The probability of arm 1 at each of the points of a program of {@link #probability}. */
  static float[] probabilities(Program program, float[] xy) {
    program.write("points", Tensor.of(Shape.of(xy.length / 2, 2), xy));
    program.run();
    float[] both = program.read("probability").floats();
    float[] second = new float[both.length / 2];
    for (int i = 0; i < second.length; i++) {
      second[i] = both[2 * i + 1];
    }
    return second;
  }

  private static double accuracy(Program program, SpiralPoints points) {
    float[] p = probabilities(program, points.xy().floats());
    int[] arms = points.arms().ints();
    int right = 0;
    for (int i = 0; i < p.length; i++) {
      boolean told = arms[i] == 1 ? p[i] > 0.5 : p[i] < 0.5; // NaN tells nothing
      right += told ? 1 : 0;
    }
    return (double) right / p.length;
  }
}
