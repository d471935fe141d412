package io.manifoldmuon.model.nn;

import static io.manifoldmuon.model.nn.TinyModel.ALL_BUT_ROUND_ROBIN;
import static io.manifoldmuon.model.nn.TinyModel.BATCH;
import static io.manifoldmuon.model.nn.TinyModel.TIME;
import static org.assertj.core.api.Assertions.assertThat;

import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.linalg.graph.Value;
import io.manifoldmuon.linalg.graph.Vjp;
import io.manifoldmuon.model.config.ModelConfig;
import io.manifoldmuon.model.nn.TinyModel.Option;
import io.manifoldmuon.optim.AdamW;
import io.manifoldmuon.optim.AdamWSettings;
import io.manifoldmuon.optim.GradientClip;
import io.manifoldmuon.optim.LrSchedule;
import io.manifoldmuon.optim.Parameter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Model, reverse mode, clipping and AdamW in one graph, replayed. */
class TrainingStepTest {
  private static final int STEPS = 120;

  private static Stream<ModelConfig> models() {
    return Stream.of(
        TinyModel.config(2, Option.BALANCE_LOSS), TinyModel.config(2, ALL_BUT_ROUND_ROBIN));
  }

  private static GraphBuilder step(LanguageModel model, AdamW adamW) {
    GraphBuilder g = new GraphBuilder();
    Forward f =
        model.forward(
            g,
            g.input("ids", Type.integer(BATCH, TIME)),
            g.input("targets", Type.integer(BATCH, TIME)),
            Mode.TRAIN);
    List<Parameter> parameters = model.parameters();
    List<Value> d =
        Vjp.gradients(g, f.objective(), parameters.stream().map(p -> p.value(g)).toList());
    Map<Parameter, Value> gradients = new LinkedHashMap<>();
    for (int i = 0; i < d.size(); i++) {
      gradients.put(parameters.get(i), d.get(i));
    }
    adamW.record(g, gradients, GradientClip.record(g, d, 1, 1).scale());
    model.recordStateUpdate(g, f.routers().map(Forward.Routers::counts));
    g.output("loss", f.loss());
    return g;
  }

  @ParameterizedTest
  @MethodSource("models")
  void learnsOneBatchByHeart(ModelConfig c) {
    LanguageModel model = TinyModel.model(c);
    AdamW adamW =
        new AdamW(model.parameters(), AdamWSettings.of(0.03), LrSchedule.cosine(10, STEPS, 0.1));
    Tensor ids = TinyModel.tokens(BATCH, 1);
    try (Engine engine = TinyModel.open();
        Program program = engine.compile(step(model, adamW).build())) {
      model.initialize(5).forEach(engine::write);
      program.write("ids", ids);
      program.write("targets", TinyModel.tokens(BATCH, 2));
      double[] loss = new double[STEPS];
      for (int step = 0; step < STEPS; step++) {
        adamW.writeInputs(program, step);
        model.writeInputs(program, 1, step, 0);
        program.run();
        loss[step] = program.readScalar("loss");
      }
      // above ln V at first, and at the end next to nothing: 18 tokens and 5,000 weights
      assertThat(loss[0]).isGreaterThan(2);
      assertThat(loss[STEPS - 1]).isLessThan(0.05);
    }
  }
}
