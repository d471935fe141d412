package io.manifoldmuon.model.nn;

import io.manifoldmuon.linalg.graph.Binary;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.linalg.graph.Unary;
import io.manifoldmuon.linalg.graph.Value;
import io.manifoldmuon.model.config.ModelConfig;
import io.manifoldmuon.model.config.ModelType;
import io.manifoldmuon.model.nn.NgptWeights.Branch;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Decoder-only language models whose stream, and whose weights after every step (see {@link
 * io.manifoldmuon.optim.ManifoldOptimizer#normalizedEvery}), are unit vectors. Norm(x) = x/‖x‖.
 *
 * <pre>
 *   nGPT                                             gated nGPT
 *   x = embed[ids]                                   x = Norm(Norm(embed[ids]) + Norm(position))
 *   2L times, f attention and MLP in turn:
 *   x = Norm(x + |α|⊙(Norm(f(x)) − x))               x = Norm(x + σ(gate)⊙α·f(x))
 *   MLP: down·(u ⊙ SiLU(v)), u = s_u⊙U·x,            MLP: down·GELU(up·x)
 *        v = √D·s_v⊙V·x
 *   logits = s_z⊙(head·x)                            logits = 15·Norm(head)·x
 * </pre>
 *
 * Attention scores are √d·q·k with unit q and k times s_qk, see {@link NgptProjections}; in the
 * gated model q·k/√d. The head is not the embedding.
 *
 * <p><b>Source</b> nGPT: Loshchilov et al. 2024, arXiv 2410.01131. The gated form: the public
 * repository dnhkng/nGPT-muon, {@code train_architectural.py}.
 */
public final class NgptLanguageModel implements LanguageModel {
  private static final double GATED_LOGITS = 15;

  private final ModelConfig c;
  private final int vocabulary;
  private final Layout layout;
  private final Attention attention;

  /** A model over {@code vocabulary} tokens. */
  NgptLanguageModel(ModelConfig config, int vocabulary) {
    if (vocabulary < 2) {
      throw new IllegalArgumentException(
          "NgptLanguageModel: vocabulary " + vocabulary + " given, wanted at least 2 tokens");
    }
    this.c = config;
    this.vocabulary = vocabulary;
    this.layout = NgptLayout.of(config, vocabulary);
    double root = Math.sqrt(config.headDim());
    this.attention = new Attention(config.dModel(), config.nHeads(), isGated() ? 1 / root : root);
  }

  private boolean isGated() {
    return c.type() == ModelType.GATED_NGPT;
  }

  @Override
  public int vocabulary() {
    return vocabulary;
  }

  @Override
  public Layout layout() {
    return layout;
  }

  /** None: there are no experts. */
  @Override
  public Optional<Type> routedCounts() {
    return Optional.empty();
  }

  @Override
  public ModelSize size() {
    int inputs = isGated() ? 1 : 2;
    return ModelSize.dense(c, layout, vocabulary, inputs + 1);
  }

  // ---- the forward pass ---------------------------------------------------------------------

  @Override
  public Forward forward(
      GraphBuilder g, Value ids, Value targets, Mode mode, Optional<Value> countsSoFar) {
    Value logits = logits(g, ids);
    Value rows = g.reshape(targets, targets.shape().size()); // int [N]
    return Scope.in(
        g,
        "loss",
        () -> {
          Value perToken = g.crossEntropy(logits, rows); // [N]
          Value loss = g.mean(perToken);
          return new Forward(logits, perToken, loss, loss, Optional.empty());
        });
  }

  @Override
  public Value logits(GraphBuilder g, Value ids) {
    return whole(g, ids).logits(Optional.empty());
  }

  @Override
  public Value logitsAt(GraphBuilder g, Value ids, Value positions) {
    return whole(g, ids).logits(Optional.of(positions));
  }

  private Pass whole(GraphBuilder g, Value ids) {
    int batch = ids.shape().dim(0);
    NgptWeights w = new NgptWeights(g, c, layout);
    var p = new NgptProjections(g, c, w);
    return new Pass(
        g,
        w,
        ids,
        windowPositions(g, w, ids),
        (layer, x) -> attention.record(g, p, layer, x, batch));
  }

  /** [T', D] for ids [B, T']. */
  private Supplier<Value> windowPositions(GraphBuilder g, NgptWeights w, Value ids) {
    return () -> g.slice(w.positions(), 0, ids.shape().dim(1), c.dModel());
  }

  // ---- token by token -----------------------------------------------------------------------

  /** Nothing: weights are used as they are. */
  @Override
  public boolean recordEffectiveWeights(GraphBuilder g) {
    return false;
  }

  @Override
  public KeyValueCache cache() {
    return new KeyValueCache(c, attention.scale());
  }

  @Override
  public Value firstLogits(GraphBuilder g, Value ids, Value last) {
    NgptWeights w = new NgptWeights(g, c, layout);
    var p = new NgptProjections(g, c, w);
    KeyValueCache cache = cache();
    return new Pass(
            g, w, ids, windowPositions(g, w, ids), (layer, x) -> cache.first(g, p, layer, x))
        .logits(Optional.of(last));
  }

  @Override
  public Value nextLogits(GraphBuilder g, Value id) {
    NgptWeights w = new NgptWeights(g, c, layout);
    var p = new NgptProjections(g, c, w);
    KeyValueCache cache = cache();
    Supplier<Value> position = () -> g.embedding(w.positions(), KeyValueCache.position(g));
    return new Pass(g, w, g.reshape(id, 1, 1), position, (layer, x) -> cache.next(g, p, layer, x))
        .logits(Optional.empty());
  }

  // ---- the parts ----------------------------------------------------------------------------

  /** How one layer's attention over the stream [N, D] is recorded. */
  @FunctionalInterface
  private interface AttentionForm {
    Value record(int layer, Value x);
  }

  /** One recording of the forward pass. */
  private final class Pass {
    private final GraphBuilder g;
    private final NgptWeights w;
    private final Value ids;
    private final Supplier<Value> positions;
    private final AttentionForm form;

    Pass(GraphBuilder g, NgptWeights w, Value ids, Supplier<Value> positions, AttentionForm form) {
      this.g = g;
      this.w = w;
      this.ids = ids;
      this.positions = positions;
      this.form = form;
    }

    Value logits(Optional<Value> at) {
      Value x = Scope.in(g, "embed", this::embed); // [N, D]
      for (int i = 0; i < c.nLayers(); i++) {
        int layer = i;
        x = branch(layer, Branch.ATTENTION, x, y -> form.record(layer, y));
        x = branch(layer, Branch.MLP, x, y -> mlp(layer, y));
      }
      Value stream = x;
      Value last = at.map(rows -> g.embedding(stream, rows)).orElse(stream);
      return Scope.in(g, "head", () -> head(last));
    }

    private Value embed() {
      int n = ids.shape().size();
      Value x = g.embedding(w.embedding(), g.reshape(ids, n)); // [N, D]
      if (!isGated()) {
        return x;
      }
      Value windows = g.reshape(UnitRows.of(g, x), ids.shape().append(c.dModel()).toArray());
      Value sum = g.zipColumns(Binary.ADD, windows, UnitRows.of(g, positions.get()));
      return UnitRows.of(g, g.reshape(sum, n, c.dModel()));
    }

    private Value branch(int layer, Branch branch, Value x, Function<Value, Value> f) {
      String name = "layers." + layer + (branch == Branch.ATTENTION ? ".attn" : ".mlp");
      return Scope.in(g, name, () -> joined(layer, branch, x, f.apply(x)));
    }

    private Value joined(int layer, Branch branch, Value x, Value f) {
      Value pull;
      if (isGated()) {
        Value gate = g.map(Unary.SIGMOID, w.gate(layer, branch)); // [D]
        Value share = g.mul(gate, w.gatedAlpha(layer, branch));
        pull = g.zipColumns(Binary.MUL, f, share);
      } else {
        Value share = g.map(Unary.ABS, w.alpha(layer, branch)); // [D]
        pull = g.zipColumns(Binary.MUL, g.sub(UnitRows.of(g, f), x), share);
      }
      return UnitRows.of(g, g.add(x, pull));
    }

    private Value mlp(int layer, Value x) {
      Value hidden; // [N, F]
      if (isGated()) {
        hidden = g.map(Unary.GELU, g.matMulNT(x, w.mlpInput(layer, 0, 1)));
      } else {
        Value u = g.matMulNT(x, w.mlpInput(layer, 0, 2));
        Value v = g.matMulNT(x, w.mlpInput(layer, 1, 2));
        Value su = w.mlpScale(layer, 0);
        Value sv = g.scale(w.mlpScale(layer, 1), Math.sqrt(c.dModel()));
        Value left = g.zipColumns(Binary.MUL, u, su);
        hidden = g.mul(left, g.map(Unary.SILU, g.zipColumns(Binary.MUL, v, sv)));
      }
      return g.matMulNT(hidden, w.mlpOutput(layer)); // [N, D]
    }

    private Value head(Value x) {
      if (isGated()) {
        return g.scale(g.matMulNT(x, UnitRows.of(g, w.head())), GATED_LOGITS);
      }
      return g.zipColumns(Binary.MUL, g.matMulNT(x, w.head()), w.logitScale());
    }
  }
}
