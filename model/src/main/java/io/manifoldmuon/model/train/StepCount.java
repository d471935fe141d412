package io.manifoldmuon.model.train;

import io.manifoldmuon.linalg.graph.Flops;
import io.manifoldmuon.linalg.graph.Graph;
import io.manifoldmuon.linalg.graph.Phase;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.nn.LanguageModel;
import io.manifoldmuon.model.nn.ModelSize;
import io.manifoldmuon.optim.Optimizer;
import io.manifoldmuon.optim.StateVariable;
import java.util.List;

/**
 * What a training step takes, counted from its graphs: nothing is allocated or computed, so that a
 * step can be counted that no machine here could take.
 *
 * <p>Operations are those of products, float32 takes four bytes.
 *
 * @param size of the model
 * @param tokens of the step, all micro-batches
 * @param forward operations of the forward passes of all micro-batches
 * @param backward operations of the backward passes
 * @param optimizer operations of the update
 * @param weightBytes the weights
 * @param gradientBytes sums of gradients over micro-batches; 0 where there is one micro-batch
 * @param optimizerBytes momenta, moments and what solvers begin with
 * @param passesBytes what lives within the passes of a micro-batch, its gradients included, where
 *     each value takes the place of those that are done with; with one micro-batch, all of the step
 * @param updateBytes the same within the update; 0 where it is part of the passes' graph
 */
public record StepCount(
    ModelSize size,
    long tokens,
    double forward,
    double backward,
    double optimizer,
    long weightBytes,
    long gradientBytes,
    long optimizerBytes,
    long passesBytes,
    long updateBytes) {
  private static final long FLOAT_BYTES = 4;

  /** Counts a step of a configuration with some number of different tokens. */
  public static StepCount of(RunConfig config, int vocabulary) {
    LanguageModel model = LanguageModel.of(config.model(), vocabulary);
    Optimizer optimizer = Optimizers.of(config, model.parameters());
    StepGraphs graphs = new StepGraphs(config, model, optimizer);
    int microBatches = config.train().gradAccumulation();
    boolean split = microBatches > 1 || config.train().skipsSteps();
    Graph passes = split ? graphs.micro() : graphs.whole();
    Graph update = split ? graphs.update() : passes;
    long weights = FLOAT_BYTES * model.size().parameters();
    long state = FLOAT_BYTES * elements(optimizer.state());
    long sums = split ? FLOAT_BYTES * elements(graphs.sums()) : 0;
    return new StepCount(
        model.size(),
        config.tokensPerStep(),
        microBatches * Flops.of(passes, Phase.FORWARD),
        microBatches * Flops.of(passes, Phase.BACKWARD),
        Flops.of(update, Phase.OPTIMIZER),
        weights,
        sums,
        state,
        FLOAT_BYTES * MemoryNeed.transients(passes),
        split ? FLOAT_BYTES * MemoryNeed.transients(update) : 0);
  }

  private static long elements(List<StateVariable> variables) {
    return variables.stream().mapToLong(v -> v.type().shape().size()).sum();
  }
}
