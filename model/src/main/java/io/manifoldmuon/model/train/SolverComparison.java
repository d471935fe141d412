package io.manifoldmuon.model.train;

import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.graph.Flops;
import io.manifoldmuon.linalg.graph.Graph;
import io.manifoldmuon.linalg.graph.Phase;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.nn.LanguageModel;
import io.manifoldmuon.optim.Optimizer;
import io.manifoldmuon.optim.Solve;
import io.manifoldmuon.optim.SolverCheck;
import io.manifoldmuon.optim.SolverReport;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;

/** Trains a new model for some steps, and tells what its optimizer costs and how well it solves. */
public final class SolverComparison {
  private SolverComparison() {}

  /**
   * What some steps told.
   *
   * @param optimizerMs the median time of the optimizer phase of a step
   * @param stepMs the median time of a step
   * @param gigaflops of the products of the optimizer phase of a step, 1e9
   * @param solved the certificate of the strictly tall and wide matrices after the last step; null
   *     where nothing is solved for
   */
  public record Cost(double optimizerMs, double stepMs, double gigaflops, SolverReport solved) {

    /** The share of the optimizer in a step. */
    public double share() {
      return optimizerMs / stepMs;
    }
  }

  /**
   * Steps a new model of a configuration.
   *
   * @param untimed steps before timing starts
   * @param timed steps that are timed
   */
  public static Cost measure(
      Engine engine,
      RunConfig config,
      int vocabulary,
      BatchSource batches,
      int untimed,
      int timed) {
    LanguageModel model = LanguageModel.of(config.model(), vocabulary);
    Optimizer optimizer = Optimizers.of(config, model.parameters());
    Optimizers.initialWeights(config, model).forEach(engine::write);
    try (TrainStep step = new TrainStep(engine, config, model, optimizer, batches);
        SolverCheck check = new SolverCheck(engine, optimizer)) {
      List<TrainStep.Result> results = new ArrayList<>();
      for (int i = 0; i < untimed + timed; i++) {
        results.add(step.run(i));
      }
      List<TrainStep.Result> last = results.subList(untimed, results.size());
      return new Cost(
          medianMs(last, TrainStep.Result::optimizerNanos),
          medianMs(last, TrainStep.Result::nanos),
          Flops.of(updateGraph(config, model, optimizer), Phase.OPTIMIZER) / 1e9,
          solved(check.run()));
    }
  }

  private static Graph updateGraph(RunConfig config, LanguageModel model, Optimizer optimizer) {
    StepGraphs graphs = new StepGraphs(config, model, optimizer);
    return config.train().gradAccumulation() == 1 ? graphs.whole() : graphs.update();
  }

  private static SolverReport solved(Map<Solve, SolverReport> reports) {
    return reports.entrySet().stream()
        .filter(e -> !e.getKey().solver().equals(Solve.EXACT))
        .map(Map.Entry::getValue)
        .reduce(SolverReport::and)
        .orElse(null);
  }

  private static double medianMs(
      List<TrainStep.Result> results, ToLongFunction<TrainStep.Result> time) {
    long[] sorted = results.stream().mapToLong(time).sorted().toArray();
    return Arrays.stream(sorted, (sorted.length - 1) / 2, sorted.length / 2 + 1).average().orElse(0)
        / 1e6;
  }
}
