package io.manifoldmuon.model.nn;

import io.manifoldmuon.linalg.CounterRandom;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.Align;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Phase;
import io.manifoldmuon.linalg.graph.Unary;
import io.manifoldmuon.linalg.graph.Value;
import io.manifoldmuon.model.config.ModelConfig;
import io.manifoldmuon.optim.Parameter;
import io.manifoldmuon.optim.Role;
import io.manifoldmuon.optim.StateVariable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A decoder-only language model whose feed-forward layers are mixtures of experts:
 *
 * <pre>
 *   x = embed[ids]·√D
 *   L times:  x += attention(rms(x));  x += moe(rms(x))
 *   logits = rms(x) · embedᵀ
 * </pre>
 *
 * <p>The model holds no weights: it knows their {@link Layout}, their first values, and records the
 * forward pass; gradients are {@link io.manifoldmuon.linalg.graph.Vjp}'s. Read {@link Attention},
 * {@link Router}, {@link MoeLayer}, {@link AuxiliaryLosses} for the parts.
 */
public final class MoeLanguageModel {
  private static final long NOISE_STREAM = 0x6E6F697365L; // "noise" in ASCII

  private final ModelConfig c;
  private final int vocabulary;
  private final Layout layout;
  private final Attention attention;
  private final MoeLayer moe;

  /** A model over {@code vocabulary} tokens. */
  public MoeLanguageModel(ModelConfig config, int vocabulary) {
    if (vocabulary < 2) {
      throw new IllegalArgumentException(
          "MoeLanguageModel: vocabulary " + vocabulary + " given, wanted at least 2 tokens");
    }
    this.c = config;
    this.vocabulary = vocabulary;
    this.layout = new Layout(config, vocabulary);
    this.attention = new Attention(config);
    this.moe = new MoeLayer(config);
  }

  // ---- what it is made of -------------------------------------------------------------------

  /** V. */
  public int vocabulary() {
    return vocabulary;
  }

  /** Variables of the engine and names of checkpoints. */
  public Layout layout() {
    return layout;
  }

  /** What is trained, in a fixed order. */
  public List<Parameter> parameters() {
    return layout.parameters();
  }

  /** What the model carries from step to step beside its parameters; saved in its checkpoints. */
  public List<StateVariable> stateVariables() {
    return layout.stateVariables();
  }

  /** Every tensor of a checkpoint and where it lives. */
  public List<CheckpointTensor> checkpointTensors() {
    return layout.checkpointTensors();
  }

  /** The first contents of all variables, with embedding and router rows on the unit sphere. */
  public Map<String, Tensor> initialize(long seed) {
    return initialize(seed, Map.of(Role.EMBEDDING, Start.UNIT_ROWS, Role.ROUTER, Start.UNIT_ROWS));
  }

  /**
   * The first contents of all variables, float32, a pure function of the arguments: gains 1, state
   * 0, matrices as their role asks for, or N(0, 0.02²).
   *
   * <p>With the tied head, unit embedding rows give each token's own logit the value √D at first,
   * so that training begins at a loss near √D; rows of N(0, 0.02²) begin near ln V.
   *
   * @param starts how the matrices of a role begin; gains are 1 whatever it says of them
   */
  public Map<String, Tensor> initialize(long seed, Map<Role, Start> starts) {
    return Initialization.of(layout, seed, starts);
  }

  /** Numbers of parameters and operations. */
  public ModelSize size() {
    return ModelSize.of(c, layout, vocabulary);
  }

  // ---- the forward pass ---------------------------------------------------------------------

  /** Records a forward pass whose balance loss sees this batch alone. */
  public Forward forward(GraphBuilder g, Value ids, Value targets, Mode mode) {
    return forward(g, ids, targets, mode, null);
  }

  /**
   * Records a forward pass.
   *
   * @param ids int [B, T]
   * @param targets the tokens to predict, int [B, T]
   * @param countsSoFar the assignments [L, E] of this step's earlier micro-batches, to which this
   *     batch's are added for the f of the balance loss; null for none
   */
  public Forward forward(GraphBuilder g, Value ids, Value targets, Mode mode, Value countsSoFar) {
    Trunk trunk = trunk(g, ids, new Weights(g, c, layout), windows(ids), mode, countsSoFar, null);
    Value rows = g.reshape(targets, targets.shape().size()); // int [N]
    return Scope.in(g, "loss", () -> losses(g, trunk, rows, mode));
  }

  /** Records the logits [N, V] of ids [B, T] without noise; for sampling. */
  public Value logits(GraphBuilder g, Value ids) {
    return trunk(g, ids, new Weights(g, c, layout), windows(ids), Mode.EVAL, null, null).logits();
  }

  /**
   * Records the logits [P, V] of some positions of ids [B, T] only, without noise; for sampling,
   * where the head over all positions would cost more than the layers.
   *
   * @param positions b·T + t of each, int [P]
   */
  public Value logitsAt(GraphBuilder g, Value ids, Value positions) {
    Weights w = new Weights(g, c, layout);
    return trunk(g, ids, w, windows(ids), Mode.EVAL, null, positions).logits();
  }

  /** Attention over whole windows [B, T]. */
  private AttentionForm windows(Value ids) {
    int batch = ids.shape().dim(0);
    return (g, w, layer, x) -> attention.record(g, w, layer, x, batch);
  }

  // ---- token by token -----------------------------------------------------------------------

  /**
   * Records the effective weights, gain × weight, into variables of their own, for {@link
   * #firstLogits} and {@link #nextLogits}; nothing where there are no gains.
   *
   * @return whether there is anything to compute
   */
  public boolean recordEffectiveWeights(GraphBuilder g) {
    return Weights.recordEffective(g, c, layout);
  }

  /**
   * Records the logits [1, V] after the first tokens of a window, and keeps the keys and values of
   * these in the cache.
   *
   * @param ids int [1, W] with W ≤ T
   * @param last the index of the last token, int [1]
   */
  public Value firstLogits(GraphBuilder g, Value ids, Value last) {
    KeyValueCache cache = new KeyValueCache(c);
    Weights w = Weights.prepared(g, c, layout);
    return trunk(g, ids, w, cache::first, Mode.EVAL, null, last).logits();
  }

  /** Records the logits [1, V] after one more token, int [1], by the cache, which keeps it too. */
  public Value nextLogits(GraphBuilder g, Value id) {
    KeyValueCache cache = new KeyValueCache(c);
    Weights w = Weights.prepared(g, c, layout);
    return trunk(g, id, w, cache::next, Mode.EVAL, null, null).logits();
  }

  // ---- the parts ----------------------------------------------------------------------------

  /** How one layer's attention over its normalised input [N, D] is recorded. */
  @FunctionalInterface
  private interface AttentionForm {
    Value record(GraphBuilder g, Weights w, int layer, Value x);
  }

  /** The logits [N, V], and what the routers of all layers have to say. */
  private record Trunk(Value logits, Value counts, AuxiliaryLosses losses) {}

  private Trunk trunk(
      GraphBuilder g,
      Value ids,
      Weights w,
      AttentionForm form,
      Mode mode,
      Value countsSoFar,
      Value positions) {
    int n = ids.shape().size(); // N = B·T
    Value x = Scope.in(g, "embed", () -> embed(g, w, g.reshape(ids, n))); // [N, D]
    List<Value> counts = new ArrayList<>();
    AuxiliaryLosses losses = null;
    for (int i = 0; i < c.nLayers(); i++) {
      int layer = i;
      Value before = x;
      Value between = Scope.in(g, "layers." + i + ".attn", () -> attend(g, w, layer, before, form));
      MoeLayer.Output moe =
          Scope.in(g, "layers." + i + ".moe", () -> mix(g, w, layer, between, mode, countsSoFar));
      x = moe.y();
      counts.add(moe.counts());
      losses = losses == null ? moe.losses() : losses.plus(g, moe.losses());
    }
    Value last = positions == null ? x : g.embedding(x, positions); // [N, D] or [P, D]
    Value logits = Scope.in(g, "head", () -> head(g, w, last)); // [N, V]
    return new Trunk(logits, g.concat(counts, Shape.of(c.nLayers(), c.nExperts())), losses);
  }

  private Value embed(GraphBuilder g, Weights w, Value ids) {
    return g.scale(g.embedding(w.embedding(), ids), Math.sqrt(c.dModel()));
  }

  private Value attend(GraphBuilder g, Weights w, int layer, Value x, AttentionForm form) {
    Value normed = g.rmsNorm(x, w.attentionNorm(layer), c.rmsEps());
    return g.add(x, form.record(g, w, layer, normed));
  }

  private MoeLayer.Output mix(
      GraphBuilder g, Weights w, int layer, Value x, Mode mode, Value countsSoFar) {
    Value normed = g.rmsNorm(x, w.expertNorm(layer), c.rmsEps());
    MoeLayer.Output out = moe.record(g, w, layer, normed, mode, countsSoFar);
    return new MoeLayer.Output(g.add(x, out.y()), out.counts(), out.losses());
  }

  private Value head(GraphBuilder g, Weights w, Value x) {
    return g.matMulNT(g.rmsNorm(x, w.finalNorm(), c.rmsEps()), w.embedding());
  }

  private Forward losses(GraphBuilder g, Trunk trunk, Value targets, Mode mode) {
    Value perToken = g.crossEntropy(trunk.logits(), targets); // [N]
    Value loss = g.mean(perToken);
    AuxiliaryLosses aux = trunk.losses();
    Value objective =
        switch (mode) {
          case TRAIN -> regularised(g, loss, aux);
          case EVAL -> loss;
        };
    Value entropy = g.scale(aux.entropy(), 1.0 / c.nLayers());
    return new Forward(
        trunk.logits(), perToken, loss, objective, aux.balance(), aux.z(), trunk.counts(), entropy);
  }

  private Value regularised(GraphBuilder g, Value loss, AuxiliaryLosses aux) {
    Value sum = c.balanceLoss() > 0 ? g.add(loss, aux.balance()) : loss;
    return c.zLoss() > 0 ? g.add(sum, aux.z()) : sum;
  }

  // ---- what changes from step to step -------------------------------------------------------

  /**
   * Writes the noise seed of a micro-batch into a program that has a training forward pass: a pure
   * function of its arguments. Does nothing where the program draws no noise.
   */
  public void writeInputs(Program program, long seed, long step, int microBatch) {
    if (program.graph().inputs().containsKey(Router.NOISE_SEED)) {
      long bits = CounterRandom.bits(CounterRandom.bits(seed, NOISE_STREAM, step), 0, microBatch);
      program.write(Router.NOISE_SEED, Tensor.scalar((int) (bits >>> 32)));
    }
  }

  /**
   * Records the update of the selection bias, b ← b + γ·sign(mean load − load), under {@link
   * Phase#OPTIMIZER}. Does nothing for a model without this bias.
   *
   * <p><b>Source</b> Wang et al. 2024, arXiv 2408.15664, algorithm 1.
   *
   * @param stepCounts the assignments of all micro-batches of the step, [L, E]
   */
  public void recordRouterBiasUpdate(GraphBuilder g, Value stepCounts) {
    if (layout.has(Layout.BIAS)) {
      g.phase(Phase.OPTIMIZER, () -> g.scope(Layout.BIAS, () -> updateBias(g, stepCounts)));
    }
  }

  private void updateBias(GraphBuilder g, Value counts) {
    // sign(E·load − total), not sign(load − total/E): exact in float32 where loads are equal
    Value total = g.sum(counts, Shape.of(c.nLayers()), Align.PREFIX); // [L]
    Value excess = g.sub(g.scale(counts, c.nExperts()), total); // [L, E]
    Value step = g.scale(g.map(Unary.SIGN, excess), c.routerBiasRate());
    g.assign(Layout.BIAS, g.sub(layout.value(g, Layout.BIAS), step));
  }
}
