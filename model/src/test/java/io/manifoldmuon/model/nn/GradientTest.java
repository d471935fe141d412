package io.manifoldmuon.model.nn;

import static io.manifoldmuon.model.nn.TinyModel.ALL_BUT_ROUND_ROBIN;
import static io.manifoldmuon.model.nn.TinyModel.BATCH;
import static io.manifoldmuon.model.nn.TinyModel.EXPERTS;
import static io.manifoldmuon.model.nn.TinyModel.LAYERS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.manifoldmuon.linalg.CounterRandom;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.linalg.graph.Value;
import io.manifoldmuon.linalg.graph.Vjp;
import io.manifoldmuon.model.config.ModelConfig;
import io.manifoldmuon.model.nn.TinyModel.Option;
import io.manifoldmuon.optim.Parameter;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GradientTest {
  private static final long SEED = 23;

  /** A training graph with gradients of the objective on the reference engine. */
  private static final class Training implements AutoCloseable {
    final LanguageModel model;
    final Map<String, Tensor> weights;
    final Engine engine = TinyModel.open();
    final Program program;

    Training(ModelConfig c, Map<String, Tensor> changes) {
      model = TinyModel.model(c);
      weights = new LinkedHashMap<>(TinyModel.weights(model, SEED));
      weights.putAll(changes);
      GraphBuilder g = new GraphBuilder();
      Value ids = g.input("ids", Type.integer(BATCH, TinyModel.TIME));
      Value targets = g.input("targets", Type.integer(BATCH, TinyModel.TIME));
      Value soFar = g.fill(3, Shape.of(LAYERS, c.nExperts()));
      Forward f = model.forward(g, ids, targets, Mode.TRAIN, Optional.of(soFar));
      g.output("objective", f.objective());
      g.output("counts", f.routers().orElseThrow().counts());
      List<Parameter> parameters = model.parameters();
      List<Value> gradients =
          Vjp.gradients(g, f.objective(), parameters.stream().map(p -> p.value(g)).toList());
      for (int i = 0; i < parameters.size(); i++) {
        g.output("d." + parameters.get(i).variable(), gradients.get(i));
      }
      program = engine.compile(g.build());
      weights.forEach(engine::write);
      program.write("ids", TinyModel.tokens(BATCH, 1));
      program.write("targets", TinyModel.tokens(BATCH, 2));
      model.writeInputs(program, 9, 0, 0);
      program.run();
    }

    double[] gradient(String variable) {
      return program.read("d." + variable).doubles();
    }

    double objectiveAt(String variable, double[] direction, double h) {
      Tensor w = weights.get(variable);
      double[] x = w.doubles().clone();
      for (int i = 0; i < x.length; i++) {
        x[i] += h * direction[i];
      }
      engine.write(variable, Tensor.of(w.shape(), x));
      program.run();
      double objective = program.readScalar("objective");
      engine.write(variable, w);
      return objective;
    }

    @Override
    public void close() {
      program.close();
      engine.close();
    }
  }

  private static Stream<ModelConfig> models() {
    return Stream.of(
        TinyModel.config(2),
        TinyModel.config(3, 1, Option.BALANCE_LOSS, Option.Z_LOSS),
        TinyModel.config(2, Option.ROUND_ROBIN, Option.BALANCE_LOSS),
        TinyModel.config(EXPERTS, ALL_BUT_ROUND_ROBIN),
        TinyModel.config(2, ALL_BUT_ROUND_ROBIN));
  }

  /**
   * The derivative of the objective along a random unit direction, for every parameter. A central
   * difference with h = 1e-5 errs by about h² times third derivatives of order 1 to 100, plus
   * 1e-15/h.
   */
  @ParameterizedTest
  @MethodSource("models")
  void everyGradientIsTheDerivativeOfTheObjective(ModelConfig c) {
    double h = 1e-5;
    try (Training t = new Training(c, Map.of())) {
      Map<String, double[]> gradients = new LinkedHashMap<>();
      t.model.parameters().forEach(p -> gradients.put(p.variable(), t.gradient(p.variable())));
      gradients.forEach(
          (variable, gradient) -> {
            double[] u = direction(variable, gradient.length);
            double numeric =
                (t.objectiveAt(variable, u, h) - t.objectiveAt(variable, u, -h)) / (2 * h);
            double exact = 0;
            for (int i = 0; i < u.length; i++) {
              exact += u[i] * gradient[i];
            }
            assertThat(exact)
                .as(variable + ", seed " + SEED)
                .isEqualTo(numeric, within(1e-7 + 1e-6 * Math.abs(numeric)));
            assertThat(Arrays.stream(gradient).map(Math::abs).max().orElseThrow())
                .as("largest gradient of " + variable)
                .isGreaterThan(1e-4);
          });
    }
  }

  private static double[] direction(String variable, int length) {
    double[] u = new double[length];
    for (int i = 0; i < length; i++) {
      u[i] = CounterRandom.gaussian(SEED, variable.hashCode() + 1L, i);
    }
    double norm = Math.sqrt(Arrays.stream(u).map(x -> x * x).sum());
    return Arrays.stream(u).map(x -> x / norm).toArray();
  }

  @Test
  void anUnusedExpertHasExactlyZeroGradient() {
    int unused = 2;
    double[] bias = new double[LAYERS * EXPERTS];
    for (int layer = 0; layer < LAYERS; layer++) {
      bias[layer * EXPERTS + unused] = -1e6;
    }
    Tensor banned = Tensor.of(Shape.of(LAYERS, EXPERTS), bias);
    ModelConfig c = TinyModel.config(2, Option.BIAS, Option.BALANCE_LOSS, Option.WEIGHT_GAIN);
    try (Training t = new Training(c, Map.of("router.bias", banned))) {
      double[] counts = t.program.read("counts").doubles();
      for (String variable :
          List.of("experts.up", "experts.down", "experts.up.gain", "experts.down.gain")) {
        double[] d = t.gradient(variable);
        int size = d.length / (LAYERS * EXPERTS);
        for (int expert = 0; expert < LAYERS * EXPERTS; expert++) {
          double[] mine = Arrays.copyOfRange(d, expert * size, (expert + 1) * size);
          if (expert % EXPERTS == unused) {
            assertThat(counts[expert]).isZero();
            assertThat(mine).as(variable).containsOnly(0.0);
          } else if (counts[expert] > 0) {
            assertThat(Arrays.stream(mine).map(Math::abs).sum()).as(variable).isPositive();
          }
        }
      }
    }
  }

  @Test
  void theSelectionBiasHasNoGradient() {
    LanguageModel model = TinyModel.model(TinyModel.config(2, Option.BIAS));
    assertThat(model.parameters()).extracting(Parameter::variable).doesNotContain("router.bias");
    GraphBuilder g = new GraphBuilder();
    Value ids = g.input("ids", Type.integer(1, 4));
    Forward f = model.forward(g, ids, ids, Mode.TRAIN);
    Value bias = g.variable("router.bias", Type.real(LAYERS, EXPERTS));
    g.output("d", Vjp.gradients(g, f.objective(), List.of(bias)).getFirst());
    // nothing flows there: the graph is one constant
    assertThat(g.build().nodes()).hasSize(1);
  }
}
