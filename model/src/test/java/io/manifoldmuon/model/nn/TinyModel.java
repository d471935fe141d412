package io.manifoldmuon.model.nn;

import io.manifoldmuon.linalg.CounterRandom;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineOptions;
import io.manifoldmuon.linalg.engine.Engines;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.linalg.graph.Value;
import io.manifoldmuon.model.config.ModelConfig;
import io.manifoldmuon.model.config.ModelType;
import io.manifoldmuon.model.config.Preset;
import io.manifoldmuon.model.config.Routing;
import io.manifoldmuon.optim.Parameter;
import io.manifoldmuon.optim.Role;
import io.manifoldmuon.optim.StateVariable;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Small models with large random weights and a batch of random tokens, for tests. */
final class TinyModel {
  static final int BATCH = 3;
  static final int TIME = 6;
  static final int WIDTH = 8;
  static final int HEADS = 2;
  static final int LAYERS = 2;
  static final int EXPERTS = 4;
  static final int HIDDEN = 12;
  static final int VOCABULARY = 11;

  static final double ALPHA = 0.3;
  static final double BETA = 0.2;
  static final double GAMMA = 0.125;

  /** The options of {@code model}. */
  enum Option {
    WEIGHT_GAIN,
    NOISE,
    TEMPERATURE,
    BALANCE_LOSS,
    Z_LOSS,
    BIAS,
    SHARED_EXPERT,
    ROUND_ROBIN
  }

  static final Option[] ALL_BUT_ROUND_ROBIN =
      Arrays.stream(Option.values()).filter(o -> o != Option.ROUND_ROBIN).toArray(Option[]::new);

  private TinyModel() {}

  static ModelConfig config(int topK, Option... options) {
    return config(EXPERTS, topK, options);
  }

  static ModelConfig config(int experts, int topK, Option... options) {
    List<Option> on = List.of(options);
    return new ModelConfig(
        ModelType.MOE,
        Preset.TINY,
        WIDTH,
        LAYERS,
        HEADS,
        experts,
        topK,
        HIDDEN,
        TIME,
        10000,
        1e-6,
        on.contains(Option.WEIGHT_GAIN),
        1,
        on.contains(Option.NOISE) ? 0.7 : 0,
        on.contains(Option.TEMPERATURE),
        on.contains(Option.BALANCE_LOSS) ? ALPHA : 0,
        on.contains(Option.Z_LOSS) ? BETA : 0,
        on.contains(Option.BIAS),
        GAMMA,
        on.contains(Option.SHARED_EXPERT),
        on.contains(Option.ROUND_ROBIN) ? Routing.ROUND_ROBIN : Routing.TOPK);
  }

  static LanguageModel model(ModelConfig config) {
    return LanguageModel.of(config, VOCABULARY);
  }

  /** Weights far from their first values, so that nothing is small or equal by accident. */
  static Map<String, Tensor> weights(LanguageModel model, long seed) {
    Map<String, Tensor> weights = new LinkedHashMap<>();
    for (Parameter p : model.parameters()) {
      boolean gain = p.role() == Role.GAIN;
      weights.put(
          p.variable(), random(p.shape(), p.variable(), seed, gain ? 1 : 0, gain ? 0.2 : 0.4));
    }
    for (StateVariable s : model.stateVariables()) {
      weights.put(s.name(), random(s.type().shape(), s.name(), seed, 0, 0.5));
    }
    return weights;
  }

  private static Tensor random(Shape shape, String name, long seed, double mean, double deviation) {
    float[] x = new float[shape.size()];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) (mean + deviation * CounterRandom.gaussian(seed, name.hashCode(), i));
    }
    return Tensor.of(shape, x);
  }

  /** Random tokens [B, T]. */
  static Tensor tokens(int batch, long seed) {
    int[] ids = new int[batch * TIME];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = (int) CounterRandom.below(VOCABULARY, seed, 1, i);
    }
    return Tensor.of(Shape.of(batch, TIME), ids);
  }

  /** The outputs of a forward pass of {@code model} on the reference engine. */
  static Map<String, Tensor> forward(
      LanguageModel model, Map<String, Tensor> weights, Tensor ids, Tensor targets, Mode mode) {
    return forward(model, weights, ids, targets, mode, 0, null);
  }

  static Map<String, Tensor> forward(
      LanguageModel model,
      Map<String, Tensor> weights,
      Tensor ids,
      Tensor targets,
      Mode mode,
      long noiseSeed,
      Tensor countsSoFar) {
    GraphBuilder g = new GraphBuilder();
    Optional<Value> soFar =
        Optional.ofNullable(countsSoFar).map(c -> g.variable("counts", Type.real(c.shape())));
    Forward f =
        model.forward(
            g,
            g.input("ids", new Type(ids.shape(), ids.dtype())),
            g.input("targets", new Type(targets.shape(), targets.dtype())),
            mode,
            soFar);
    name(g, f);
    try (Engine engine = open();
        Program program = engine.compile(g.build())) {
      weights.forEach(engine::write);
      if (countsSoFar != null) {
        engine.write("counts", countsSoFar);
      }
      program.write("ids", ids);
      program.write("targets", targets);
      model.writeInputs(program, noiseSeed, 0, 0);
      program.run();
      Map<String, Tensor> out = new LinkedHashMap<>();
      program.graph().outputs().keySet().forEach(o -> out.put(o, program.read(o)));
      return out;
    }
  }

  private static void name(GraphBuilder g, Forward f) {
    g.output("logits", f.logits());
    g.output("lossPerToken", f.lossPerToken());
    g.output("loss", f.loss());
    g.output("objective", f.objective());
    f.routers()
        .ifPresent(
            routers -> {
              g.output("balanceLoss", routers.balanceLoss());
              g.output("zLoss", routers.zLoss());
              g.output("counts", routers.counts());
              g.output("routerEntropy", routers.entropy());
            });
  }

  static Engine open() {
    return Engines.open("reference", EngineOptions.defaults(), _ -> {});
  }

  static double scalar(Tensor t) {
    return t.doubles()[0];
  }
}
