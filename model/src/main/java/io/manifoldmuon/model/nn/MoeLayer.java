package io.manifoldmuon.model.nn;

import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Unary;
import io.manifoldmuon.linalg.graph.Value;
import io.manifoldmuon.model.config.ModelConfig;

/**
 * A mixture of experts: y = Σⱼ wⱼ·downⱼ·SiLU(upⱼ·x) over the K experts that the router chose, plus
 * the shared expert unweighted where there is one. No token is dropped: the R = N·K routed rows are
 * sorted by expert, each expert multiplies its range, and the rows return to their tokens.
 */
final class MoeLayer {
  private final ModelConfig c;
  private final Router router;

  MoeLayer(ModelConfig c) {
    this.c = c;
    this.router = new Router(c);
  }

  /**
   * What a layer gives.
   *
   * @param y [N, D]
   * @param counts the rows of each expert, [E]
   * @param losses of the router
   */
  record Output(Value y, Value counts, AuxiliaryLosses losses) {}

  /**
   * Records one layer over x [N, D].
   *
   * @param countsSoFar the assignments [L, E] of this step's earlier micro-batches, or null
   */
  Output record(GraphBuilder g, Weights w, int layer, Value x, Mode mode, Value countsSoFar) {
    var decision = Scope.in(g, "router", () -> router.record(g, w, layer, x, mode));
    var routing = g.dispatch(decision.index(), c.nExperts());
    Value y = Scope.in(g, "experts", () -> experts(g, w, layer, x, decision, routing));
    if (c.sharedExpert()) {
      Value routed = y;
      y = Scope.in(g, "shared", () -> g.add(routed, shared(g, w, layer, x)));
    }
    Value counts = g.counts(routing.offsets()); // [E]
    var losses =
        Scope.in(
            g,
            "router",
            () ->
                AuxiliaryLosses.record(
                    g, c, decision.logits(), load(g, layer, counts, countsSoFar)));
    return new Output(y, counts, losses);
  }

  private Value experts(
      GraphBuilder g,
      Weights w,
      int layer,
      Value x,
      Router.Decision decision,
      GraphBuilder.Routing routing) {
    Value rows = g.gatherTokens(x, routing.position()); // [R, D]
    Value up = g.groupedMatMul(rows, w.up(layer), routing.offsets(), true); // [R, F]
    Value hidden = g.map(Unary.SILU, up);
    Value down = g.groupedMatMul(hidden, w.down(layer), routing.offsets(), true); // [R, D]
    return g.combineTokens(down, decision.weights(), routing.position()); // [N, D]
  }

  private static Value shared(GraphBuilder g, Weights w, int layer, Value x) {
    Value hidden = g.map(Unary.SILU, g.matMulNT(x, w.sharedUp(layer))); // [N, F]
    return g.matMulNT(hidden, w.sharedDown(layer)); // [N, D]
  }

  private Value load(GraphBuilder g, int layer, Value counts, Value countsSoFar) {
    int e = c.nExperts();
    return countsSoFar == null ? counts : g.add(counts, g.slice(countsSoFar, layer * e, e));
  }
}
