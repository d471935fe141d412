package io.manifoldmuon.model.nn;

import io.manifoldmuon.linalg.graph.Binary;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.linalg.graph.Value;
import io.manifoldmuon.model.config.ModelConfig;

/**
 * Chooses K of E experts for each token by logits x·routerᵀ.
 *
 * <p>Bias and noise take part in the choice only; the weights of the chosen experts are the softmax
 * over their clean logits, which is the softmax over all experts renormalised to the chosen ones.
 */
final class Router {
  /** The integer input that the noise of a replay is drawn from. */
  static final String NOISE_SEED = "router.noise.seed";

  private final ModelConfig c;

  Router(ModelConfig c) {
    this.c = c;
  }

  /**
   * What was decided for each token.
   *
   * @param logits [N, E]
   * @param index the chosen experts, int [N, K]
   * @param weights how much each counts, [N, K], 1 in sum
   */
  record Decision(Value logits, Value index, Value weights) {}

  /** Records the decisions of one layer for x [N, D]. */
  Decision record(GraphBuilder g, Weights w, int layer, Value x, Mode mode) {
    Value products = g.matMulNT(x, w.router(layer)); // [N, E]
    Value temperature = w.temperature(layer); // []
    Value logits = temperature == null ? products : g.mul(products, temperature);
    Value index =
        switch (c.routing()) {
          case TOPK -> g.topK(scores(g, w, layer, logits, mode), c.topK()); // int [N, K]
          case ROUND_ROBIN -> g.roundRobin(x.shape().dim(0), c.topK(), c.nExperts());
        };
    Value weights = g.softmax(g.takeColumns(logits, index)); // [N, K]
    return new Decision(logits, index, weights);
  }

  /** What the choice goes by, [N, E]. */
  private Value scores(GraphBuilder g, Weights w, int layer, Value logits, Mode mode) {
    Value scores = logits;
    Value bias = w.bias(layer); // [E]
    if (bias != null) {
      scores = g.zipColumns(Binary.ADD, scores, bias);
    }
    if (mode == Mode.TRAIN && c.routerNoise() > 0) {
      Value seed = g.input(NOISE_SEED, Type.integer());
      Value noise = g.gaussianNoise(seed, logits.shape()); // [N, E]
      scores = g.add(scores, g.scale(noise, c.routerNoise()));
    }
    return scores;
  }
}
