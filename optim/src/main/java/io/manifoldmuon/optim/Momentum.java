package io.manifoldmuon.optim;

import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Value;

/**
 * The mean of past gradients, B ← βB + (1−β)g, and the direction made of it: B, or (1−β)g + βB with
 * Nesterov's look ahead.
 *
 * <p>The other convention, B ← βB + g, gives the same divided by 1 − β: a factor that methods which
 * normalise their direction do not see.
 *
 * @param beta β, []
 * @param nesterov whether to look ahead
 */
record Momentum(Value beta, boolean nesterov) {

  /** Records the direction and the assignment of B. */
  Value record(GraphBuilder g, Value gradient, StateVariable B) {
    Value share = g.sub(g.constant(1), beta);
    Value next = g.lerp(B.value(g), gradient, share);
    g.assign(B.name(), next);
    return nesterov ? g.lerp(gradient, next, beta) : next;
  }
}
