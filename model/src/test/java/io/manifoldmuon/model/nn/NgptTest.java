package io.manifoldmuon.model.nn;

import static io.manifoldmuon.model.nn.TinyModel.BATCH;
import static io.manifoldmuon.model.nn.TinyModel.forward;
import static io.manifoldmuon.model.nn.TinyModel.scalar;
import static io.manifoldmuon.model.nn.TinyModel.tokens;
import static io.manifoldmuon.model.nn.TinyModel.weights;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.manifoldmuon.linalg.CounterRandom;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.linalg.graph.Value;
import io.manifoldmuon.linalg.graph.Vjp;
import io.manifoldmuon.model.config.ModelConfig;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.optim.Parameter;
import io.manifoldmuon.optim.Role;
import io.manifoldmuon.optim.SphereMode;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NgptTest {
  private static final long SEED = 7;

  /** float64, sums of at most some dozen terms of order 1, a few layers deep. */
  private static final double CLOSE = 1e-11;

  private static ModelConfig config(String type) {
    return RunConfig.of(
            "model.type=" + type,
            "model.d_model=" + TinyModel.WIDTH,
            "model.n_layers=2",
            "model.n_heads=" + TinyModel.HEADS,
            "model.d_ff=9",
            "model.context=" + TinyModel.TIME)
        .model();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ngpt", "gated-ngpt"})
  void equalsThePlainLoops(String type) {
    ModelConfig c = config(type);
    LanguageModel model = TinyModel.model(c);
    Map<String, Tensor> weights = weights(model, SEED);
    Tensor ids = tokens(BATCH, 1);
    Tensor targets = tokens(BATCH, 2);
    Map<String, Tensor> got = forward(model, weights, ids, targets, Mode.TRAIN);
    PlainNgpt want =
        new PlainNgpt(c, model.layout().split(weights)).run(BATCH, ids.ints(), targets.ints());
    assertThat(scalar(got.get("loss"))).isEqualTo(want.loss, within(CLOSE));
    assertThat(scalar(got.get("objective"))).isEqualTo(want.loss, within(CLOSE));
    double[] logits = got.get("logits").doubles();
    double[] plain = Arrays.stream(want.logits).flatMapToDouble(Arrays::stream).toArray();
    assertThat(logits).hasSameSizeAs(plain);
    for (int i = 0; i < plain.length; i++) {
      assertThat(logits[i]).isEqualTo(plain[i], within(CLOSE * 10));
    }
    assertThat(model.routedCounts()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ngpt", "gated-ngpt"})
  void gradientsAreThoseOfDifferences(String type) {
    LanguageModel model = TinyModel.model(config(type));
    Map<String, Tensor> weights = weights(model, SEED);
    GraphBuilder g = new GraphBuilder();
    Value ids = g.input("ids", Type.integer(BATCH, TinyModel.TIME));
    Value targets = g.input("targets", Type.integer(BATCH, TinyModel.TIME));
    Value loss = model.forward(g, ids, targets, Mode.TRAIN).objective();
    g.output("loss", loss);
    List<Parameter> parameters = model.parameters();
    List<Value> gradients =
        Vjp.gradients(g, loss, parameters.stream().map(p -> p.value(g)).toList());
    for (int i = 0; i < gradients.size(); i++) {
      g.output(parameters.get(i).variable(), gradients.get(i));
    }
    try (Engine engine = TinyModel.open();
        Program program = engine.compile(g.build())) {
      weights.forEach(engine::write);
      program.write("ids", tokens(BATCH, 1));
      program.write("targets", tokens(BATCH, 2));
      program.run();
      Map<String, double[]> exact = new java.util.LinkedHashMap<>();
      parameters.forEach(
          p -> exact.put(p.variable(), program.read(p.variable()).doubles().clone()));
      exact.forEach((variable, gradient) -> compare(engine, program, weights, variable, gradient));
    }
  }

  private static void compare(
      Engine engine,
      Program program,
      Map<String, Tensor> weights,
      String variable,
      double[] gradient) {
    double h = 1e-6;
    double[] u = new double[gradient.length];
    for (int i = 0; i < u.length; i++) {
      u[i] = CounterRandom.gaussian(SEED, variable.hashCode() + 1L, i) / Math.sqrt(u.length);
    }
    double numeric =
        (lossAt(engine, program, weights, variable, u, h)
                - lossAt(engine, program, weights, variable, u, -h))
            / (2 * h);
    double sum = 0;
    for (int i = 0; i < u.length; i++) {
      sum += u[i] * gradient[i];
    }
    assertThat(sum).as(variable).isEqualTo(numeric, within(1e-7 + 1e-6 * Math.abs(numeric)));
    assertThat(Arrays.stream(gradient).map(Math::abs).max().orElseThrow())
        .as("largest gradient of " + variable)
        .isGreaterThan(1e-4);
  }

  private static double lossAt(
      Engine engine,
      Program program,
      Map<String, Tensor> weights,
      String variable,
      double[] u,
      double h) {
    Tensor w = weights.get(variable);
    double[] x = w.doubles().clone();
    for (int i = 0; i < x.length; i++) {
      x[i] += h * u[i];
    }
    engine.write(variable, Tensor.of(w.shape(), x));
    program.run();
    engine.write(variable, w);
    return program.readScalar("loss");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ngpt", "gated-ngpt"})
  void firstWeightsAreUnitVectorsAlongTheWidthAndScalesAsThePaperHasThem(String type) {
    LanguageModel model = TinyModel.model(config(type));
    Map<String, Tensor> named = model.layout().split(model.initialize(3));
    Set<String> matrices = new LinkedHashSet<>();
    named.forEach(
        (name, t) -> {
          if (name.endsWith(".weight")) {
            matrices.add(name);
            boolean columns = name.endsWith(".o.weight") || name.endsWith(".down.weight");
            lengths(t, columns).forEach(x -> assertThat(x).as(name).isEqualTo(1, within(1e-6)));
          }
        });
    assertThat(matrices).hasSize(type.equals("ngpt") ? 2 + 2 * 7 : 3 + 2 * 6);
    double root = Math.sqrt(TinyModel.WIDTH);
    if (type.equals("ngpt")) {
      constant(named.get("layers.1.attn.alpha"), 1 / root);
      constant(named.get("layers.0.attn.s_qk"), 1 / root);
      constant(named.get("layers.0.mlp.s_u"), 1);
      constant(named.get("s_z"), 1 / root);
    } else {
      constant(named.get("layers.1.attn.alpha"), 0.15);
      constant(named.get("layers.0.mlp.gate"), 0);
    }
    for (Parameter p : model.parameters()) {
      assertThat(p.unitVectors().isPresent()).as(p.variable()).isEqualTo(p.role() != Role.GAIN);
      if (p.variable().endsWith("out")) {
        assertThat(p.unitVectors()).contains(SphereMode.PER_COLUMN);
      }
    }
  }

  private static List<Double> lengths(Tensor t, boolean columns) {
    int m = t.shape().dim(0);
    int n = t.shape().dim(1);
    double[] squares = new double[columns ? n : m];
    double[] x = t.doubles();
    for (int i = 0; i < x.length; i++) {
      squares[columns ? i % n : i / n] += x[i] * x[i];
    }
    return Arrays.stream(squares).map(Math::sqrt).boxed().toList();
  }

  private static void constant(Tensor t, double value) {
    for (double x : t.doubles()) {
      assertThat(x).isEqualTo(value, within(1e-7));
    }
  }
}
