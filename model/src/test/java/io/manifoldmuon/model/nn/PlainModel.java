package io.manifoldmuon.model.nn;

import static io.manifoldmuon.model.nn.PlainArithmetic.add;
import static io.manifoldmuon.model.nn.PlainArithmetic.attendOneHead;
import static io.manifoldmuon.model.nn.PlainArithmetic.logSumExp;
import static io.manifoldmuon.model.nn.PlainArithmetic.product;
import static io.manifoldmuon.model.nn.PlainArithmetic.scale;
import static io.manifoldmuon.model.nn.PlainArithmetic.softmax;
import static io.manifoldmuon.model.nn.PlainArithmetic.turn;

import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.model.config.ModelConfig;
import io.manifoldmuon.model.config.Routing;
import java.util.Arrays;
import java.util.Map;

/**
 * The model once more in plain loops over the tensors of a checkpoint, token by token and without
 * noise: written from the formulas, with nothing of the graph in it.
 */
final class PlainModel {
  private final ModelConfig c;
  private final Map<String, Tensor> named;
  private final int experts;

  double loss;
  double balanceLoss;
  double zLoss;
  double entropy;
  double[][] logits;
  final double[][] counts;

  PlainModel(ModelConfig c, Map<String, Tensor> named) {
    this.c = c;
    this.named = named;
    this.experts = c.nExperts();
    this.counts = new double[c.nLayers()][experts];
  }

  /** Runs over windows of ids and targets and leaves the results in the fields. */
  PlainModel run(int windows, int[] ids, int[] targets) {
    int n = ids.length;
    int d = c.dModel();
    double[][] x = new double[n][];
    double[] embed = weight("embed.weight");
    for (int i = 0; i < n; i++) {
      x[i] = Arrays.copyOfRange(embed, ids[i] * d, (ids[i] + 1) * d);
      scale(x[i], Math.sqrt(d));
    }
    for (int layer = 0; layer < c.nLayers(); layer++) {
      String prefix = "layers." + layer + ".";
      for (int b = 0; b < windows; b++) {
        int t = n / windows;
        attend(prefix, Arrays.copyOfRange(x, b * t, (b + 1) * t));
      }
      mix(layer, prefix, x);
    }
    int vocabulary = embed.length / d;
    logits = new double[n][];
    for (int i = 0; i < n; i++) {
      logits[i] = product(embed, 0, vocabulary, norm(x[i], "final_norm.gain"), 1);
      loss += (logSumExp(logits[i]) - logits[i][targets[i]]) / n;
    }
    entropy /= c.nLayers();
    return this;
  }

  /** Adds the attention of one window to its rows. */
  private void attend(String prefix, double[][] x) {
    int d = c.dModel();
    int heads = c.nHeads();
    double[][][] qkv = new double[3][x.length][];
    for (int t = 0; t < x.length; t++) {
      double[] h = norm(x[t], prefix + "attn_norm.gain");
      for (int m = 0; m < 3; m++) {
        String name = prefix + "attn." + "qkv".charAt(m);
        qkv[m][t] = product(weight(name + ".weight"), 0, d, h, gain(name, 0));
        if (m < 2) {
          turn(qkv[m][t], t, c.headDim(), c.ropeBase());
        }
      }
    }
    for (int t = x.length - 1; t >= 0; t--) {
      double[] mixed = new double[d];
      for (int h = 0; h < heads; h++) {
        attendOneHead(qkv, t, h * d / heads, d / heads, 1 / Math.sqrt(c.headDim()), mixed);
      }
      String name = prefix + "attn.o";
      add(x[t], product(weight(name + ".weight"), 0, d, mixed, gain(name, 0)), 1);
    }
  }

  /** Adds the mixture of experts to all rows. */
  private void mix(int layer, String prefix, double[][] x) {
    double[] probability = new double[experts];
    for (int n = 0; n < x.length; n++) {
      double[] h = norm(x[n], prefix + "ffn_norm.gain");
      double[] logits = product(weight(prefix + "moe.router.weight"), 0, experts, h, 1);
      Tensor temperature = named.get(prefix + "moe.router.temperature");
      scale(logits, temperature == null ? 1 : temperature.doubles()[0]);
      double[] p = softmax(logits);
      double lse = logSumExp(logits);
      zLoss += c.zLoss() * lse * lse / x.length;
      for (int e = 0; e < experts; e++) {
        probability[e] += p[e] / x.length;
        entropy -= p[e] * Math.log(p[e]) / x.length;
      }
      int[] chosen = choose(prefix, n, logits);
      double total = Arrays.stream(chosen).mapToDouble(e -> Math.exp(logits[e])).sum();
      for (int e : chosen) {
        counts[layer][e]++;
        add(x[n], expert(prefix + "moe.", e, h), Math.exp(logits[e]) / total);
      }
      if (c.sharedExpert()) {
        add(x[n], expert(prefix + "moe.shared.", 0, h), 1);
      }
    }
    for (int e = 0; e < experts; e++) {
      double share = counts[layer][e] / (x.length * c.topK());
      balanceLoss += c.balanceLoss() * experts * share * probability[e];
    }
  }

  private int[] choose(String prefix, int token, double[] logits) {
    int[] chosen = new int[c.topK()];
    double[] scores = logits.clone();
    Tensor bias = named.get(prefix + "moe.router.bias");
    if (bias != null) {
      add(scores, bias.doubles(), 1);
    }
    for (int j = 0; j < chosen.length; j++) {
      int best = 0;
      for (int e = 1; e < experts; e++) {
        best = scores[e] > scores[best] ? e : best;
      }
      scores[best] = Double.NEGATIVE_INFINITY;
      boolean forced = c.routing() == Routing.ROUND_ROBIN;
      chosen[j] = forced ? (token * c.topK() + j) % experts : best;
    }
    return chosen;
  }

  private double[] expert(String prefix, int e, double[] h) {
    int d = c.dModel();
    int f = c.dFf();
    double[] u = product(weight(prefix + "up.weight"), e * f * d, f, h, gain(prefix + "up", e));
    for (int i = 0; i < f; i++) {
      u[i] /= 1 + Math.exp(-u[i]);
    }
    return product(weight(prefix + "down.weight"), e * f * d, d, u, gain(prefix + "down", e));
  }

  // ---- arithmetic ---------------------------------------------------------------------------

  private double[] weight(String name) {
    return named.get(name).doubles();
  }

  private double gain(String matrix, int index) {
    Tensor gain = named.get(matrix + ".gain");
    return gain == null ? 1 : gain.doubles()[index];
  }

  private double[] norm(double[] x, String gainName) {
    double squares = Arrays.stream(x).map(v -> v * v).sum();
    double[] y = x.clone();
    scale(y, 1 / Math.sqrt(squares / x.length + c.rmsEps()));
    double[] gain = weight(gainName);
    for (int i = 0; i < y.length; i++) {
      y[i] *= gain[i];
    }
    return y;
  }
}
