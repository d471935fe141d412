package io.manifoldmuon.model.nn;

import static io.manifoldmuon.model.nn.PlainArithmetic.add;
import static io.manifoldmuon.model.nn.PlainArithmetic.attendOneHead;
import static io.manifoldmuon.model.nn.PlainArithmetic.logSumExp;
import static io.manifoldmuon.model.nn.PlainArithmetic.product;
import static io.manifoldmuon.model.nn.PlainArithmetic.scale;
import static io.manifoldmuon.model.nn.PlainArithmetic.turn;
import static io.manifoldmuon.model.nn.PlainArithmetic.unit;

import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.model.config.ModelConfig;
import io.manifoldmuon.model.config.ModelType;
import java.util.Arrays;
import java.util.Map;
import org.apache.commons.numbers.gamma.Erf;

/** The normalised models once more in plain loops over the tensors of a checkpoint. */
final class PlainNgpt {
  private final ModelConfig c;
  private final Map<String, Tensor> named;
  private final boolean gated;
  private final int d;

  double loss;
  double[][] logits;

  PlainNgpt(ModelConfig c, Map<String, Tensor> named) {
    this.c = c;
    this.named = named;
    this.gated = c.type() == ModelType.GATED_NGPT;
    this.d = c.dModel();
  }

  /** Runs over windows of ids and targets and leaves the results in the fields. */
  PlainNgpt run(int windows, int[] ids, int[] targets) {
    int n = ids.length;
    int time = n / windows;
    double[][] x = new double[n][];
    for (int i = 0; i < n; i++) {
      x[i] = row("embed.weight", ids[i]);
      if (gated) {
        double[] token = unit(x[i]);
        add(token, unit(row("position.weight", i % time)), 1);
        x[i] = unit(token);
      }
    }
    for (int layer = 0; layer < c.nLayers(); layer++) {
      for (int b = 0; b < windows; b++) {
        block("layers." + layer, x, b * time, time);
      }
    }
    int vocabulary = weight("head.weight").length / d;
    logits = new double[n][vocabulary];
    for (int i = 0; i < n; i++) {
      for (int v = 0; v < vocabulary; v++) {
        double[] w = row("head.weight", v);
        double dot = product(gated ? unit(w) : w, 0, 1, x[i], 1)[0];
        logits[i][v] = dot * (gated ? 15 : weight("s_z")[v] * Math.sqrt(d));
      }
      loss += (logSumExp(logits[i]) - logits[i][targets[i]]) / n;
    }
    return this;
  }

  private void block(String layer, double[][] x, int from, int time) {
    double[][] attended = attention(layer + ".attn", Arrays.copyOfRange(x, from, from + time));
    for (int t = 0; t < time; t++) {
      x[from + t] = joined(layer + ".attn", x[from + t], attended[t]);
      x[from + t] = joined(layer + ".mlp", x[from + t], mlp(layer + ".mlp", x[from + t]));
    }
  }

  private double[] joined(String branch, double[] x, double[] f) {
    double[] alpha = weight(branch + ".alpha");
    double[] sum = x.clone();
    double[] normed = unit(f);
    for (int i = 0; i < d; i++) {
      sum[i] +=
          gated
              ? alpha[0] * f[i] / (1 + Math.exp(-weight(branch + ".gate")[i]))
              : Math.abs(alpha[i] * 0.05 * Math.sqrt(d)) * (normed[i] - x[i]);
    }
    return unit(sum);
  }

  private double[][] attention(String name, double[][] x) {
    double[][][] qkv = new double[3][x.length][];
    int size = c.headDim();
    for (int t = 0; t < x.length; t++) {
      for (int m = 0; m < 3; m++) {
        qkv[m][t] = product(weight(name + "." + "qkv".charAt(m) + ".weight"), 0, d, x[t], 1);
        if (m < 2 && !gated) {
          turn(qkv[m][t], t, size, c.ropeBase());
          for (int h = 0; h < c.nHeads(); h++) {
            double[] head = unit(Arrays.copyOfRange(qkv[m][t], h * size, (h + 1) * size));
            for (int i = 0; i < size; i++) {
              double s = weight(name + ".s_qk")[h * size + i] * Math.sqrt(d);
              qkv[m][t][h * size + i] = head[i] * s;
            }
          }
        }
      }
    }
    double[][] out = new double[x.length][];
    for (int t = 0; t < x.length; t++) {
      double[] mixed = new double[d];
      for (int h = 0; h < c.nHeads(); h++) {
        attendOneHead(qkv, t, h * size, size, Math.pow(size, gated ? -0.5 : 0.5), mixed);
      }
      out[t] = product(weight(name + ".o.weight"), 0, d, mixed, 1);
    }
    return out;
  }

  private double[] mlp(String name, double[] x) {
    int f = c.dFf();
    double[] hidden;
    if (gated) {
      hidden = product(weight(name + ".up.weight"), 0, f, x, 1);
      for (int i = 0; i < f; i++) {
        hidden[i] *= 0.5 * (1 + Erf.value(hidden[i] / Math.sqrt(2)));
      }
    } else {
      hidden = product(weight(name + ".u.weight"), 0, f, x, 1);
      double[] v = product(weight(name + ".v.weight"), 0, f, x, 1);
      scale(v, Math.sqrt(d));
      for (int i = 0; i < f; i++) {
        double gate = v[i] * weight(name + ".s_v")[i];
        hidden[i] *= weight(name + ".s_u")[i] * gate / (1 + Math.exp(-gate));
      }
    }
    return product(weight(name + ".down.weight"), 0, d, hidden, 1);
  }

  private double[] weight(String name) {
    return named.get(name).doubles();
  }

  private double[] row(String name, int index) {
    return Arrays.copyOfRange(weight(name), index * d, (index + 1) * d);
  }
}
