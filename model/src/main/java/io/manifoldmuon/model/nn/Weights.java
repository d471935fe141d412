package io.manifoldmuon.model.nn;

import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Value;
import io.manifoldmuon.model.config.ModelConfig;
import java.util.List;

/**
 * The weights as a forward pass uses them: stacks of effective matrices, gain × weight where there
 * are weight gains, of which each layer takes its slice.
 */
final class Weights {
  private static final String EFFECTIVE = "effective.";
  private static final List<String> STACKS =
      List.of(
          MoeLayout.ATTENTION,
          MoeLayout.EXPERTS_UP,
          MoeLayout.EXPERTS_DOWN,
          MoeLayout.SHARED_UP,
          MoeLayout.SHARED_DOWN);

  private final GraphBuilder g;
  private final ModelConfig c;
  private final Value gains; // [2L+1, D]
  private final Value attention; // [4L, D, D]
  private final Value routers; // [L, E, D]
  private final Value up; // [L·E, F, D]
  private final Value down; // [L·E, D, F]
  private final Value sharedUp; // [L, F, D] or null
  private final Value sharedDown; // [L, D, F] or null
  private final Value temperature; // [L] or null
  private final Value bias; // [L, E] or null
  private final Value embedding; // [V, D]

  private final boolean prepared;

  Weights(GraphBuilder g, ModelConfig c, Layout layout) {
    this(g, c, layout, false);
  }

  private Weights(GraphBuilder g, ModelConfig c, Layout layout, boolean prepared) {
    this.g = g;
    this.c = c;
    this.prepared = prepared;
    embedding = layout.value(g, MoeLayout.EMBEDDING);
    gains = layout.value(g, MoeLayout.GAINS);
    attention = effective(layout, MoeLayout.ATTENTION);
    routers = layout.value(g, MoeLayout.ROUTERS);
    up = effective(layout, MoeLayout.EXPERTS_UP);
    down = effective(layout, MoeLayout.EXPERTS_DOWN);
    sharedUp = effective(layout, MoeLayout.SHARED_UP);
    sharedDown = effective(layout, MoeLayout.SHARED_DOWN);
    temperature = optional(layout, MoeLayout.TEMPERATURE);
    bias = optional(layout, MoeLayout.BIAS);
  }

  /** The weights with the effective matrices that {@link #recordEffective} left in variables. */
  static Weights prepared(GraphBuilder g, ModelConfig c, Layout layout) {
    return new Weights(g, c, layout, true);
  }

  /** Records gain × weight of every stack that has gains; whether there is one. */
  static boolean recordEffective(GraphBuilder g, ModelConfig c, Layout layout) {
    Weights w = new Weights(g, c, layout);
    boolean any = false;
    for (String variable : STACKS) {
      if (layout.has(variable) && layout.has(MoeLayout.gainOf(variable))) {
        Value effective = w.effective(layout, variable);
        g.variable(EFFECTIVE + variable, effective.type());
        g.assign(EFFECTIVE + variable, effective);
        any = true;
      }
    }
    return any;
  }

  private Value optional(Layout layout, String variable) {
    return layout.has(variable) ? layout.value(g, variable) : null;
  }

  private Value effective(Layout layout, String variable) {
    Value w = optional(layout, variable); // [count, m, n]
    Value gain = optional(layout, MoeLayout.gainOf(variable)); // [count]
    if (prepared && w != null && gain != null) {
      return g.variable(EFFECTIVE + variable, w.type());
    }
    return w == null || gain == null ? w : Scope.in(g, variable, () -> g.mul(w, gain));
  }

  /** [V, D]. */
  Value embedding() {
    return embedding;
  }

  /** The gain [D] of the normalisation before attention. */
  Value attentionNorm(int layer) {
    return norm(2 * layer);
  }

  /** The gain [D] of the normalisation before the experts. */
  Value expertNorm(int layer) {
    return norm(2 * layer + 1);
  }

  /** The gain [D] of the normalisation before the head. */
  Value finalNorm() {
    return norm(2 * c.nLayers());
  }

  private Value norm(int row) {
    return g.slice(gains, row * c.dModel(), c.dModel());
  }

  /** Query, key and value matrices below one another, [3D, D]. */
  Value queryKeyValue(int layer) {
    int d = c.dModel();
    return g.slice(attention, 4 * layer * d * d, 3 * d, d);
  }

  /** The output projection of attention, [D, D]. */
  Value attentionOutput(int layer) {
    int d = c.dModel();
    return g.slice(attention, (4 * layer + 3) * d * d, d, d);
  }

  /** [E, D]. */
  Value router(int layer) {
    return g.slice(routers, layer * c.nExperts() * c.dModel(), c.nExperts(), c.dModel());
  }

  /** The factor [] on the router logits, or null where there is none. */
  Value temperature(int layer) {
    return temperature == null ? null : g.slice(temperature, layer);
  }

  /** The bias [E] of the selection, or null where there is none. */
  Value bias(int layer) {
    return bias == null ? null : g.slice(bias, layer * c.nExperts(), c.nExperts());
  }

  /** [E, F, D]. */
  Value up(int layer) {
    return g.slice(up, layer * expertStack(), c.nExperts(), c.dFf(), c.dModel());
  }

  /** [E, D, F]. */
  Value down(int layer) {
    return g.slice(down, layer * expertStack(), c.nExperts(), c.dModel(), c.dFf());
  }

  /** [F, D], or null where there is no shared expert. */
  Value sharedUp(int layer) {
    return sharedUp == null
        ? null
        : g.slice(sharedUp, layer * c.dFf() * c.dModel(), c.dFf(), c.dModel());
  }

  /** [D, F], or null where there is no shared expert. */
  Value sharedDown(int layer) {
    return sharedDown == null
        ? null
        : g.slice(sharedDown, layer * c.dFf() * c.dModel(), c.dModel(), c.dFf());
  }

  private int expertStack() {
    return c.nExperts() * c.dFf() * c.dModel();
  }
}
