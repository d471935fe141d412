package io.manifoldmuon.model.nn;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.graph.Align;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Value;
import io.manifoldmuon.model.config.ModelConfig;

/**
 * What is asked of a layer's router beside a small loss, and how undecided it is.
 *
 * @param balance α·E·Σᵢ fᵢPᵢ, []: fᵢ expert i's share of the assignments, no gradient; Pᵢ its mean
 *     softmax probability (Fedus et al. 2022, arXiv 2101.03961, equations 4 to 6)
 * @param z β·mean(logsumexp²), [] (Zoph et al. 2022, arXiv 2202.08906, equation 5)
 * @param entropy the mean entropy of softmax(logits) in nats, []
 */
record AuxiliaryLosses(Value balance, Value z, Value entropy) {

  /**
   * Records the losses of one layer.
   *
   * @param logits [N, E]
   * @param load the assignments to each expert that f is computed from, [E]
   */
  static AuxiliaryLosses record(GraphBuilder g, ModelConfig c, Value logits, Value load) {
    double perToken = 1.0 / logits.shape().dim(0);
    int e = c.nExperts();
    Value p = g.softmax(logits); // [N, E]
    Value meanP = g.scale(g.sum(p, Shape.of(e), Align.SUFFIX), perToken); // [E]
    Value f = g.div(load, g.sum(load)); // [E]
    Value balance = g.scale(g.dot(f, meanP, 0), c.balanceLoss() * e);
    Value lse = g.logSumExp(logits); // [N]
    Value z = g.scale(g.dot(lse, lse, 0), c.zLoss() * perToken);
    // −Σ p ln p = lse − Σ p·logit
    Value entropy = g.scale(g.sub(g.sum(lse), g.dot(p, logits, 0)), perToken);
    return new AuxiliaryLosses(balance, z, entropy);
  }

  /** The sum of each over two groups of layers. */
  AuxiliaryLosses plus(GraphBuilder g, AuxiliaryLosses other) {
    return new AuxiliaryLosses(
        g.add(balance, other.balance), g.add(z, other.z), g.add(entropy, other.entropy));
  }
}
