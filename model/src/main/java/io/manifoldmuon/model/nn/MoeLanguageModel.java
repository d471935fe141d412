package io.manifoldmuon.model.nn;

import io.manifoldmuon.linalg.CounterRandom;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.Align;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Phase;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.linalg.graph.Unary;
import io.manifoldmuon.linalg.graph.Value;
import io.manifoldmuon.model.config.ModelConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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
public final class MoeLanguageModel implements LanguageModel {
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
    this.layout = MoeLayout.of(config, vocabulary);
    this.attention =
        new Attention(config.dModel(), config.nHeads(), 1 / Math.sqrt(config.headDim()));
    this.moe = new MoeLayer(config);
  }

  // ---- what it is made of -------------------------------------------------------------------

  @Override
  public int vocabulary() {
    return vocabulary;
  }

  @Override
  public Layout layout() {
    return layout;
  }

  @Override
  public Optional<Type> routedCounts() {
    return Optional.of(Type.real(c.nLayers(), c.nExperts()));
  }

  @Override
  public ModelSize size() {
    return ModelSize.of(c, layout, vocabulary);
  }

  // ---- the forward pass ---------------------------------------------------------------------

  @Override
  public Forward forward(
      GraphBuilder g, Value ids, Value targets, Mode mode, Optional<Value> countsSoFar) {
    Trunk trunk = trunk(g, ids, weights(g), windows(ids), mode, countsSoFar.orElse(null), null);
    Value rows = g.reshape(targets, targets.shape().size()); // int [N]
    return Scope.in(g, "loss", () -> losses(g, trunk, rows, mode));
  }

  @Override
  public Value logits(GraphBuilder g, Value ids) {
    return trunk(g, ids, weights(g), windows(ids), Mode.EVAL, null, null).logits();
  }

  @Override
  public Value logitsAt(GraphBuilder g, Value ids, Value positions) {
    return trunk(g, ids, weights(g), windows(ids), Mode.EVAL, null, positions).logits();
  }

  private Weights weights(GraphBuilder g) {
    return new Weights(g, c, layout);
  }

  /** Attention over whole windows [B, T]. */
  private AttentionForm windows(Value ids) {
    int batch = ids.shape().dim(0);
    return (g, p, layer, x) -> attention.record(g, p, layer, x, batch);
  }

  // ---- token by token -----------------------------------------------------------------------

  /** Gain × weight in variables of their own, where there are gains. */
  @Override
  public boolean recordEffectiveWeights(GraphBuilder g) {
    return Weights.recordEffective(g, c, layout);
  }

  @Override
  public KeyValueCache cache() {
    return new KeyValueCache(c, attention.scale());
  }

  @Override
  public Value firstLogits(GraphBuilder g, Value ids, Value last) {
    Weights w = Weights.prepared(g, c, layout);
    return trunk(g, ids, w, cache()::first, Mode.EVAL, null, last).logits();
  }

  @Override
  public Value nextLogits(GraphBuilder g, Value id) {
    Weights w = Weights.prepared(g, c, layout);
    return trunk(g, id, w, cache()::next, Mode.EVAL, null, null).logits();
  }

  // ---- the parts ----------------------------------------------------------------------------

  /** How one layer's attention over its normalised input [N, D] is recorded. */
  @FunctionalInterface
  private interface AttentionForm {
    Value record(GraphBuilder g, AttentionProjections p, int layer, Value x);
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
    return g.add(x, form.record(g, new RotaryProjections(g, c, w), layer, normed));
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
    var routers = new Forward.Routers(aux.balance(), aux.z(), trunk.counts(), entropy);
    return new Forward(trunk.logits(), perToken, loss, objective, Optional.of(routers));
  }

  private Value regularised(GraphBuilder g, Value loss, AuxiliaryLosses aux) {
    Value sum = c.balanceLoss() > 0 ? g.add(loss, aux.balance()) : loss;
    return c.zLoss() > 0 ? g.add(sum, aux.z()) : sum;
  }

  // ---- what changes from step to step -------------------------------------------------------

  /** Writes the noise seed of a micro-batch, where noise is drawn. */
  @Override
  public void writeInputs(Program program, long seed, long step, int microBatch) {
    if (program.graph().inputs().containsKey(Router.NOISE_SEED)) {
      long bits = CounterRandom.bits(CounterRandom.bits(seed, NOISE_STREAM, step), 0, microBatch);
      program.write(Router.NOISE_SEED, Tensor.scalar((int) (bits >>> 32)));
    }
  }

  /**
   * Records the update of the selection bias, b ← b + γ·sign(mean load − load), for a model with
   * this bias.
   *
   * <p><b>Source</b> Wang et al. 2024, arXiv 2408.15664, algorithm 1.
   */
  @Override
  public void recordStateUpdate(GraphBuilder g, Optional<Value> stepCounts) {
    if (layout.has(MoeLayout.BIAS)) {
      Value counts = stepCounts.orElseThrow();
      g.phase(Phase.OPTIMIZER, () -> g.scope(MoeLayout.BIAS, () -> updateBias(g, counts)));
    }
  }

  private void updateBias(GraphBuilder g, Value counts) {
    // sign(E·load − total), not sign(load − total/E): exact in float32 where loads are equal
    Value total = g.sum(counts, Shape.of(c.nLayers()), Align.PREFIX); // [L]
    Value excess = g.sub(g.scale(counts, c.nExperts()), total); // [L, E]
    Value step = g.scale(g.map(Unary.SIGN, excess), c.routerBiasRate());
    g.assign(MoeLayout.BIAS, g.sub(layout.value(g, MoeLayout.BIAS), step));
  }
}
