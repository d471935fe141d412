package io.manifoldmuon.model.nn;

import io.manifoldmuon.model.config.ModelConfig;

/**
 * How large a model is and what a token costs.
 *
 * @param parameters all trained numbers
 * @param activeParameters those that one token meets: all but the experts it is not sent to
 * @param flopsPerToken floating-point operations of forward and backward pass for one token of a
 *     full window, products only: 6 for each active weight of a matrix (the head's counted, the
 *     embedding's look-up not), and 6·D·(T+1) a layer for causal attention
 */
public record ModelSize(long parameters, long activeParameters, double flopsPerToken) {

  static ModelSize of(ModelConfig c, Layout layout, int vocabulary) {
    long parameters = layout.parameters().stream().mapToLong(p -> p.shape().size()).sum();
    long perExpert = 2L * c.dFf() * c.dModel() + (c.weightGain() ? 2 : 0);
    long active = parameters - c.nLayers() * (long) (c.nExperts() - c.topK()) * perExpert;
    double experts = c.topK() + (c.sharedExpert() ? 1 : 0);
    double d = c.dModel();
    double layerWeights = 4 * d * d + c.nExperts() * d + experts * 2 * c.dFf() * d;
    double attention = 6 * d * (c.context() + 1.0);
    double flops = c.nLayers() * (6 * layerWeights + attention) + 6 * vocabulary * d;
    return new ModelSize(parameters, active, flops);
  }

  /**
   * Of a model without experts.
   *
   * @param mlpMatrices the matrices [F, D] or [D, F] of a feed-forward layer
   */
  static ModelSize dense(ModelConfig c, Layout layout, int vocabulary, int mlpMatrices) {
    long parameters = layout.parameters().stream().mapToLong(p -> p.shape().size()).sum();
    double d = c.dModel();
    double layerWeights = 4 * d * d + mlpMatrices * c.dFf() * d;
    double attention = 6 * d * (c.context() + 1.0);
    double flops = c.nLayers() * (6 * layerWeights + attention) + 6 * vocabulary * d;
    return new ModelSize(parameters, parameters, flops);
  }
}
