package io.manifoldmuon.model.train;

import io.manifoldmuon.linalg.NumericalException;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.model.config.GroupOptimizer;
import io.manifoldmuon.model.config.OptimizerConfig;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.data.Batches;
import io.manifoldmuon.model.data.Dataset;
import io.manifoldmuon.model.nn.LanguageModel;
import io.manifoldmuon.optim.LrSchedule;
import io.manifoldmuon.optim.Optimizer;
import io.manifoldmuon.optim.Retraction;
import io.manifoldmuon.optim.Role;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Consumer;

/**
 * Trains with a rate that grows from step to step by the same factor, until the loss rises: where
 * it falls fastest is a good rate, where it turns is too large.
 *
 * <p>All groups' rates grow together, from {@code from} to {@code to} times what the configuration
 * says. The loss is smoothed by an exponential mean without bias.
 *
 * <p><b>Source</b> Smith 2017, arXiv 1506.01186, section 3.3 (the range test).
 */
public final class LearningRateSearch {
  private static final double MEMORY = 0.9;

  /** A smoothed loss so far above the lowest, relatively, ends the search. */
  private static final double RISE = 0.25;

  /** Points at both ends over which the mean is not settled, or rises already. */
  private static final int LEAST_POINTS = 10;

  private LearningRateSearch() {}

  /**
   * One step.
   *
   * @param factor on all rates
   * @param loss of the step's batch, in nats
   * @param smoothed the mean of recent losses
   */
  public record Point(double factor, double loss, double smoothed) {}

  /**
   * The losses and what they say.
   *
   * @param points in the order of the steps
   * @param steepest the factor at which the smoothed loss falls fastest; empty where it never fell
   * @param lowest the factor at which it is lowest
   */
  public record Result(List<Point> points, OptionalDouble steepest, double lowest) {}

  /**
   * Searches.
   *
   * @param steps the most steps
   * @param from the first factor
   * @param to the last factor, made smaller where a step would leave its manifold
   * @param listener told every point
   */
  public static Result run(
      RunConfig config,
      Dataset data,
      Engine engine,
      int steps,
      double from,
      double to,
      Consumer<Point> listener) {
    double last = Math.min(to, largestFactor(config.optimizer()));
    LrSchedule growing = step -> from * Math.pow(last / from, step / (steps - 1.0));
    var model = LanguageModel.of(config.model(), data.tokenizer().vocabSize());
    Optimizer optimizer = Optimizers.of(config, model.parameters(), growing);
    MemoryNeed.check(engine, model, optimizer, config);
    Optimizers.initialWeights(config, model).forEach(engine::write);
    var batches =
        new Batches(
            data.train(),
            model.vocabulary(),
            config.train().batchSize(),
            config.model().context(),
            config.train().seed());
    List<Point> points = new ArrayList<>();
    try (TrainStep step = new TrainStep(engine, config, model, optimizer, batches::fill);
        Retraction retraction = new Retraction(engine, optimizer)) {
      Mean mean = new Mean();
      for (int i = 0; i < steps && !mean.rises(); i++) {
        double loss = step.run(i).loss();
        retraction.afterStep(i);
        points.add(new Point(growing.factor(i), loss, mean.add(loss)));
        listener.accept(points.getLast());
      }
    } catch (NumericalException e) {
      if (points.isEmpty()) {
        throw e;
      }
      // the rate at which training diverges is what was looked for
    }
    return judged(points);
  }

  /** An exponential mean without bias, and whether it has risen from its lowest. */
  private static final class Mean {
    private double sum;
    private double weight;
    private double lowest = Double.POSITIVE_INFINITY;
    private double now = Double.NaN;
    private int count;

    double add(double x) {
      sum = MEMORY * sum + (1 - MEMORY) * x;
      weight = MEMORY * weight + (1 - MEMORY);
      now = sum / weight;
      lowest = Math.min(lowest, now);
      count++;
      return now;
    }

    boolean rises() {
      return count >= LEAST_POINTS && !(now <= lowest * (1 + RISE));
    }
  }

  /** A step on the Stiefel manifold is at most as long as the manifold's radius. */
  private static double largestFactor(OptimizerConfig c) {
    double largest = Double.POSITIVE_INFINITY;
    for (Role role : Role.values()) {
      if (c.groups().of(role) == GroupOptimizer.STIEFEL_MUON) {
        double rate = c.stiefelMuon().baseLr() * c.modularScaling().lrScale().of(role);
        largest = Math.min(largest, 1 / rate);
      }
    }
    return largest;
  }

  private static Result judged(List<Point> points) {
    int lowest = 0;
    for (int i = 0; i < points.size(); i++) {
      if (points.get(i).smoothed() < points.get(lowest).smoothed()) {
        lowest = i;
      }
    }
    OptionalDouble steepest = OptionalDouble.empty();
    double most = 0;
    int reach = Math.max(2, points.size() / 20); // the slope over some steps, not over noise
    for (int i = reach; i + reach <= lowest; i++) {
      double slope = points.get(i - reach).smoothed() - points.get(i + reach).smoothed();
      if (slope > most) {
        most = slope;
        steepest = OptionalDouble.of(points.get(i).factor());
      }
    }
    return new Result(List.copyOf(points), steepest, points.get(lowest).factor());
  }

  /** The keys of the rates that a configuration uses, and their values. */
  public static Map<String, Double> rates(OptimizerConfig c) {
    Map<String, Double> rates = new LinkedHashMap<>();
    for (Role role : Role.values()) {
      switch (c.groups().of(role)) {
        case STIEFEL_MUON -> rates.put("optimizer.stiefel_muon.base_lr", c.stiefelMuon().baseLr());
        case HYPERSPHERE_MUON ->
            rates.put("optimizer.hypersphere_muon.base_lr", c.hypersphereMuon().baseLr());
        case MUON, NORMUON, SIMPLE_MUON -> rates.put("optimizer.muon.lr", c.muon().lr());
        case ADAMW -> rates.put("optimizer.adamw.lr", c.adamw().lr());
        case FROZEN -> {
          // has no rate
        }
      }
    }
    return rates;
  }
}
