package io.manifoldmuon.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.manifoldmuon.linalg.CounterRandom;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineOptions;
import io.manifoldmuon.linalg.engine.Engines;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Phase;
import io.manifoldmuon.linalg.graph.Value;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AdamWTest {
  private static final long SEED = 41;
  private static final double SHARE = 0.25;
  private static final AdamWSettings SETTINGS = new AdamWSettings(0.02, 0.9, 0.95, 1e-8, 0.1);

  private static final Parameter MATRIX = new Parameter("w", Shape.of(2, 3, 4), Role.EXPERT_UP);
  private static final Parameter GAIN = new Parameter("gain", Shape.of(3, 4), Role.GAIN);
  private static final Parameter VECTOR = new Parameter("row", Shape.of(5), Role.ROUTER);
  private static final List<Parameter> ALL = List.of(MATRIX, GAIN, VECTOR);

  private static double[] random(Parameter p, long stream) {
    double[] x = new double[p.shape().size()];
    for (int i = 0; i < x.length; i++) {
      x[i] = CounterRandom.gaussian(SEED, stream + p.variable().hashCode(), i);
    }
    return x;
  }

  /** The textbook loop, in double. */
  private static double[] plain(Parameter p, LrSchedule schedule, double decay, int steps) {
    return plain(p, schedule, decay, steps, false);
  }

  private static double[] plain(
      Parameter p, LrSchedule schedule, double decay, int steps, boolean cautious) {
    double[] w = random(p, 0);
    double[] m = new double[w.length];
    double[] v = new double[w.length];
    for (int t = 1; t <= steps; t++) {
      double[] g = random(p, t);
      double lr = SETTINGS.lr() * schedule.factor(t - 1);
      for (int i = 0; i < w.length; i++) {
        double gi = SHARE * g[i];
        m[i] = SETTINGS.beta1() * m[i] + (1 - SETTINGS.beta1()) * gi;
        v[i] = SETTINGS.beta2() * v[i] + (1 - SETTINGS.beta2()) * gi * gi;
        double mHat = m[i] / (1 - Math.pow(SETTINGS.beta1(), t));
        double vHat = v[i] / (1 - Math.pow(SETTINGS.beta2(), t));
        double u = mHat / (Math.sqrt(vHat) + SETTINGS.epsilon());
        boolean decays = !cautious || u * w[i] >= 0;
        w[i] -= lr * (u + (decays ? decay * w[i] : 0));
      }
    }
    return w;
  }

  private static void recordWithInputs(GraphBuilder g, Optimizer optimizer) {
    Map<Parameter, Value> gradients = new LinkedHashMap<>();
    for (Parameter p : optimizer.parameters()) {
      gradients.put(p, g.input("d." + p.variable(), p.type()));
    }
    optimizer.record(g, gradients, g.constant(SHARE));
  }

  @Test
  void fiveStepsEqualThePlainLoop() {
    LrSchedule schedule = LrSchedule.linear(2, 5, 0.1);
    AdamW adamW = new AdamW(ALL, SETTINGS, schedule);
    GraphBuilder g = new GraphBuilder();
    recordWithInputs(g, adamW);
    try (Engine engine = Engines.open("reference", EngineOptions.defaults(), _ -> {});
        Program program = engine.compile(g.build())) {
      ALL.forEach(p -> engine.write(p.variable(), Tensor.of(p.shape(), random(p, 0))));
      for (int step = 0; step < 5; step++) {
        for (Parameter p : ALL) {
          program.write("d." + p.variable(), Tensor.of(p.shape(), random(p, step + 1)));
        }
        adamW.writeInputs(program, step);
        program.run();
      }
      assertClose(engine.read("w"), plain(MATRIX, schedule, SETTINGS.weightDecay(), 5));
      assertClose(engine.read("gain"), plain(GAIN, schedule, 0, 5));
      assertClose(engine.read("row"), plain(VECTOR, schedule, 0, 5));
    }
  }

  @Test
  void cautiousDecaySparesWhatTheUpdatePullsAwayFromZero() {
    LrSchedule constant = LrSchedule.constant(0);
    AdamW adamW = new AdamW(ALL, SETTINGS.withCautiousDecay(), constant);
    try (Run run = new Run("reference", adamW)) {
      ALL.forEach(p -> run.with(p, random(p, 0)));
      for (int step = 1; step <= 4; step++) {
        Map<Parameter, double[]> gradients = new LinkedHashMap<>();
        for (Parameter p : ALL) {
          double[] d = random(p, step);
          gradients.put(p, Arrays.stream(d).map(x -> SHARE * x).toArray());
        }
        run.step(gradients);
      }
      double[] want = plain(MATRIX, constant, SETTINGS.weightDecay(), 4, true);
      assertThat(run.read(MATRIX)).containsExactly(want, within(1e-14));
      assertThat(run.read(GAIN)).containsExactly(plain(GAIN, constant, 0, 4), within(1e-14));
      double[] everywhere = plain(MATRIX, constant, SETTINGS.weightDecay(), 4);
      assertThat(Run.distance(want, everywhere)).as("the rule matters here").isGreaterThan(1e-4);
    }
  }

  private static void assertClose(Tensor got, double[] want) {
    assertThat(got.doubles()).containsExactly(want, within(1e-14));
  }

  @Test
  void allOpsCountAsOptimizer() {
    GraphBuilder g = new GraphBuilder();
    recordWithInputs(g, new AdamW(List.of(MATRIX), SETTINGS, LrSchedule.constant(0)));
    long updates = g.build().nodes().stream().filter(n -> n.phase() == Phase.OPTIMIZER).count();
    // the op, three assignments, three variables, six inputs
    assertThat(updates).isEqualTo(13);
  }

  @Test
  void stateHasBothMomentsOfEveryParameterAndTheGraphHasNoOther() {
    AdamW adamW = new AdamW("adamw", ALL, SETTINGS, LrSchedule.constant(0));
    assertThat(adamW.state())
        .extracting(StateVariable::name)
        .containsExactly(
            "adamw.m.w", "adamw.v.w", "adamw.m.gain", "adamw.v.gain", "adamw.m.row", "adamw.v.row");
    GraphBuilder g = new GraphBuilder();
    recordWithInputs(g, adamW);
    assertThat(g.build().variables().keySet())
        .containsAll(adamW.state().stream().map(StateVariable::name).toList())
        .hasSize(9);
  }

  @Test
  void twoOptimizersOfDifferentNamesShareAGraph() {
    GraphBuilder g = new GraphBuilder();
    AdamW one = new AdamW("one", List.of(MATRIX), SETTINGS, LrSchedule.constant(0));
    AdamW two = new AdamW("two", List.of(GAIN), AdamWSettings.of(1), LrSchedule.constant(0));
    recordWithInputs(g, one);
    recordWithInputs(g, two);
    try (Engine engine = Engines.open("reference", EngineOptions.defaults(), _ -> {});
        Program program = engine.compile(g.build())) {
      program.write("d.w", Tensor.of(MATRIX.shape(), random(MATRIX, 1)));
      program.write("d.gain", Tensor.of(GAIN.shape(), random(GAIN, 1)));
      one.writeInputs(program, 0);
      two.writeInputs(program, 0);
      program.run();
      // the first step of Adam from 0 is lr in size, whatever the gradient
      for (double x : engine.read("w").doubles()) {
        assertThat(Math.abs(x)).isEqualTo(0.02, within(1e-7));
      }
      for (double x : engine.read("gain").doubles()) {
        assertThat(Math.abs(x)).isEqualTo(1, within(1e-5));
      }
    }
  }

  @Test
  void gradientsOfOtherParametersAreRefused() {
    GraphBuilder g = new GraphBuilder();
    AdamW adamW = new AdamW(ALL, SETTINGS, LrSchedule.constant(0));
    Map<Parameter, Value> some = Map.of(MATRIX, g.input("d", MATRIX.type()));
    assertThatThrownBy(() -> adamW.record(g, some, g.constant(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("adamw: gradients of");
  }

  @Test
  void settingsOutOfRangeAreRefused() {
    assertThatThrownBy(() -> new AdamWSettings(0.1, 1, 0.9, 1e-8, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("beta1 1.0");
    assertThatThrownBy(() -> AdamWSettings.of(Double.NaN))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("lr NaN");
  }
}
