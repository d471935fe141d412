package io.manifoldmuon.model.nn;

import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Value;
import io.manifoldmuon.model.config.ModelConfig;

/** The weights of the normalised models as a forward pass takes them, layer by layer. */
record NgptWeights(GraphBuilder g, ModelConfig c, Layout layout) {

  /** The branches of a layer, in the order of their variables. */
  enum Branch {
    ATTENTION,
    MLP
  }

  private Value whole(String variable) {
    return layout.value(g, variable);
  }

  private Value rows(String variable, int from, int count, int columns) {
    return g.slice(whole(variable), from * columns, count, columns);
  }

  /** [V, D]. */
  Value embedding() {
    return whole(NgptLayout.EMBEDDING);
  }

  /** [V, D]. */
  Value head() {
    return whole(NgptLayout.HEAD);
  }

  /** The vectors of all positions [T, D], of the gated model. */
  Value positions() {
    return whole(NgptLayout.POSITION);
  }

  /** Query, key and value matrices below one another, [3D, D]. */
  Value queryKeyValue(int layer) {
    int d = c.dModel();
    return rows(NgptLayout.ATTENTION_IN, 3 * layer * d, 3 * d, d);
  }

  /** [D, D]. */
  Value attentionOutput(int layer) {
    int d = c.dModel();
    return rows(NgptLayout.ATTENTION_OUT, layer * d, d, d);
  }

  /**
   * A matrix [F, D] into the feed-forward layer.
   *
   * @param which of {@code count} that a layer has
   */
  Value mlpInput(int layer, int which, int count) {
    int from = (layer * count + which) * c.dFf();
    return rows(NgptLayout.MLP_IN, from, c.dFf(), c.dModel());
  }

  /** [D, F]. */
  Value mlpOutput(int layer) {
    return rows(NgptLayout.MLP_OUT, layer * c.dModel(), c.dModel(), c.dFf());
  }

  /** |α| of nGPT, [D]. */
  Value alpha(int layer, Branch branch) {
    Value stored = vector(NgptLayout.ALPHA, 2 * layer + branch.ordinal(), c.dModel());
    return NgptScale.ALPHA.effective(g, stored, c.dModel());
  }

  /** α of the gated model, []. */
  Value gatedAlpha(int layer, Branch branch) {
    return g.slice(whole(NgptLayout.ALPHA), 2 * layer + branch.ordinal());
  }

  /** The gate of the gated model before its sigmoid, [D]. */
  Value gate(int layer, Branch branch) {
    return vector(NgptLayout.GATE, 2 * layer + branch.ordinal(), c.dModel());
  }

  /** s_qk, [D]. */
  Value queryKeyScale(int layer) {
    Value stored = vector(NgptLayout.S_QK, layer, c.dModel());
    return NgptScale.S_QK.effective(g, stored, c.dModel());
  }

  /** s_u for {@code which} 0, s_v for 1, [F]. */
  Value mlpScale(int layer, int which) {
    Value stored = vector(NgptLayout.S_UV, 2 * layer + which, c.dFf());
    return NgptScale.S_UV.effective(g, stored, c.dModel());
  }

  /** s_z, [V]. */
  Value logitScale() {
    return NgptScale.S_Z.effective(g, whole(NgptLayout.S_Z), c.dModel());
  }

  private Value vector(String variable, int row, int length) {
    return g.slice(whole(variable), row * length, length);
  }
}
