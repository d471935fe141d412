package io.manifoldmuon.model.nn;

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
          turn(qkv[m][t], t);
        }
      }
    }
    for (int t = x.length - 1; t >= 0; t--) {
      double[] mixed = new double[d];
      for (int h = 0; h < heads; h++) {
        mixHead(qkv, t, h * d / heads, d / heads, mixed);
      }
      String name = prefix + "attn.o";
      add(x[t], product(weight(name + ".weight"), 0, d, mixed, gain(name, 0)), 1);
    }
  }

  private static void mixHead(double[][][] qkv, int t, int from, int size, double[] out) {
    double[] scores = new double[t + 1];
    for (int s = 0; s <= t; s++) {
      for (int i = from; i < from + size; i++) {
        scores[s] += qkv[0][t][i] * qkv[1][s][i] / Math.sqrt(size);
      }
    }
    double[] p = softmax(scores);
    for (int s = 0; s <= t; s++) {
      for (int i = from; i < from + size; i++) {
        out[i] += p[s] * qkv[2][s][i];
      }
    }
  }

  private void turn(double[] x, int position) {
    int size = c.headDim();
    for (int i = 0; i < x.length; i += 2) {
      double angle = position * Math.pow(c.ropeBase(), -(double) (i % size) / size);
      double a = x[i];
      double b = x[i + 1];
      x[i] = a * Math.cos(angle) - b * Math.sin(angle);
      x[i + 1] = a * Math.sin(angle) + b * Math.cos(angle);
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

  /** factor · W x, W the rows × x.length elements of w from {@code offset} on. */
  private static double[] product(double[] w, int offset, int rows, double[] x, double factor) {
    double[] y = new double[rows];
    for (int r = 0; r < rows; r++) {
      for (int i = 0; i < x.length; i++) {
        y[r] += factor * w[offset + r * x.length + i] * x[i];
      }
    }
    return y;
  }

  private static void add(double[] y, double[] x, double factor) {
    for (int i = 0; i < y.length; i++) {
      y[i] += factor * x[i];
    }
  }

  private static void scale(double[] x, double factor) {
    for (int i = 0; i < x.length; i++) {
      x[i] *= factor;
    }
  }

  private static double logSumExp(double[] x) {
    return Math.log(Arrays.stream(x).map(Math::exp).sum());
  }

  private static double[] softmax(double[] x) {
    double lse = logSumExp(x);
    return Arrays.stream(x).map(v -> Math.exp(v - lse)).toArray();
  }
}
