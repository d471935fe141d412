package io.manifoldmuon.model.train;

import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.inspect.Inspector;
import io.manifoldmuon.model.inspect.ModelFacts;
import io.manifoldmuon.model.inspect.TensorFacts;
import io.manifoldmuon.model.nn.LanguageModel;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** What the weights are like that a run of a configuration begins with. */
public final class InitialFacts {
  private InitialFacts() {}

  /** Measures the first weights of a model over {@code vocabulary} tokens. */
  public static ModelFacts of(RunConfig config, int vocabulary, Inspector inspector) {
    LanguageModel model = LanguageModel.of(config.model(), vocabulary);
    Map<String, Tensor> weights = model.layout().split(Optimizers.initialWeights(config, model));
    Map<String, TensorFacts> facts = new LinkedHashMap<>();
    weights.forEach(
        (name, tensor) -> {
          double[] x = tensor.doubles();
          facts.put(
              name,
              inspector.inspect(
                  name,
                  Checkpoint.longs(tensor.shape()),
                  (from, count) -> Arrays.copyOfRange(x, (int) from, (int) from + count)));
        });
    return switch (ModelFacts.of(facts)) {
      case ModelFacts.Result.Known known -> known.facts();
      case ModelFacts.Result.Unknown unknown ->
          throw new IllegalStateException("InitialFacts: " + unknown.reason());
    };
  }
}
