package io.manifoldmuon.model.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.data.Dataset;
import io.manifoldmuon.model.train.LearningRateSearch.Result;
import org.junit.jupiter.api.Test;

/** The search covers its range, finds where the loss falls, and ends where it rises. */
class LearningRateSearchTest {

  private static Result search(RunConfig config, int steps, double from, double to) {
    try (Dataset data = TinyRun.data(config);
        Engine engine = EngineOpening.open(config.engine(), notice -> {})) {
      return LearningRateSearch.run(config, data, engine, steps, from, to, p -> {});
    }
  }

  @Test
  void ratesGrowByTheSameFactorAndTheLossFallsWhereItIsProposed() {
    RunConfig config =
        TinyRun.config("engine.name=cpu", "train.batch_size=8", "optimizer.adamw.lr=0.003");
    Result result = search(config, 60, 0.01, 10);
    assertThat(result.points().getFirst().factor()).isCloseTo(0.01, within(1e-12));
    for (int i = 1; i < result.points().size(); i++) {
      double growth = result.points().get(i).factor() / result.points().get(i - 1).factor();
      assertThat(growth).isCloseTo(Math.pow(1000, 1 / 59.0), within(1e-9));
    }
    double steepest = result.steepest().orElseThrow();
    assertThat(steepest).isGreaterThan(0.01).isLessThanOrEqualTo(result.lowest());
    assertThat(LearningRateSearch.rates(config.optimizer())).containsOnlyKeys("optimizer.adamw.lr");
    assertThat(LearningRateCurve.svg(result))
        .startsWith("<svg xmlns=")
        .contains("steepest at", "</svg>")
        .doesNotContain("NaN", "Infinity");
  }

  @Test
  void divergenceEndsItWithoutAFailure() {
    RunConfig config = TinyRun.config("engine.name=cpu", "optimizer.adamw.lr=1");
    Result result = search(config, 100, 0.001, 1e30);
    assertThat(result.points().size()).isBetween(10, 99);
    assertThat(result.lowest()).isLessThan(1e3);
  }

  @Test
  void stepsStayOnTheStiefelManifold() {
    RunConfig config = TinyRun.config("engine.name=cpu", "optimizer.type=composed_manifold");
    Result result = search(config, 12, 0.1, 1e6);
    double rate = config.optimizer().stiefelMuon().baseLr();
    assertThat(result.points().getLast().factor() * rate).isLessThanOrEqualTo(1 + 1e-9);
  }
}
