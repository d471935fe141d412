package io.manifoldmuon.linalg.reference;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.graph.Op;

/**
 * Rotary positions and causal softmax attention, score by score.
 *
 * <p>Symbols: S scaled scores, P = e^(S − lse) their softmax over positions ≤ t, O = P·V.
 */
final class Attention {
  private Attention() {}

  static double[] rope(Op.Rope o, Operands in) {
    Shape s = in.shape(0);
    int width = s.dim(2) / 3;
    int size = width / o.heads();
    double[] y = in.real(0).clone();
    for (int row = 0; row < s.dim(0) * s.dim(1); row++) {
      int position = row % s.dim(1);
      // queries and keys, all heads: 2·width elements in pairs
      for (int j = 0; j < 2 * width; j += 2) {
        double angle = position * Math.pow(o.base(), -(double) (j % size) / size);
        double sin = Math.sin(o.inverse() ? -angle : angle);
        double cos = Math.cos(angle);
        int at = row * 3 * width + j;
        double a = y[at];
        double b = y[at + 1];
        y[at] = a * cos - b * sin;
        y[at + 1] = a * sin + b * cos;
      }
    }
    return y;
  }

  static Object[] forward(Op.CausalAttention o, Operands in) {
    double[] out = new double[in.outShape(0).size()];
    double[] lse = new double[in.outShape(1).size()];
    Heads h = new Heads(in.real(0), in.shape(0), o.heads());
    double[] scores = new double[h.T];
    for (int head = 0; head < h.B * h.H; head++) {
      for (int t = 0; t < h.T; t++) {
        for (int u = 0; u <= t; u++) {
          scores[u] = o.scale() * h.dot(h.query(head, t), h.key(head, u));
        }
        double l = Rows.logSumExp(scores, 0, t + 1);
        lse[head * h.T + t] = l;
        for (int u = 0; u <= t; u++) {
          double p = Math.exp(scores[u] - l);
          for (int i = 0; i < h.size; i++) {
            out[h.out(head, t) + i] += p * h.qkv[h.value(head, u) + i];
          }
        }
      }
    }
    return new Object[] {out, lse};
  }

  /** dV = Pᵀ·dO, dS = P·(dO·Vᵀ − rowsum(dO·O)), dQ = scale·dS·K, dK = scale·dSᵀ·Q. */
  static double[] backward(Op.CausalAttentionBackward o, Operands in) {
    double[] dout = in.real(0);
    double[] out = in.real(2);
    double[] lse = in.real(3);
    Heads h = new Heads(in.real(1), in.shape(1), o.heads());
    double[] dqkv = new double[h.qkv.length];
    for (int head = 0; head < h.B * h.H; head++) {
      for (int t = 0; t < h.T; t++) {
        int at = h.out(head, t);
        double rowSum = 0;
        for (int i = 0; i < h.size; i++) {
          rowSum += dout[at + i] * out[at + i];
        }
        int q = h.query(head, t);
        for (int u = 0; u <= t; u++) {
          int k = h.key(head, u);
          int v = h.value(head, u);
          double p = Math.exp(o.scale() * h.dot(q, k) - lse[head * h.T + t]);
          double dp = 0;
          for (int i = 0; i < h.size; i++) {
            dp += dout[at + i] * h.qkv[v + i];
            dqkv[v + i] += p * dout[at + i];
          }
          double ds = o.scale() * p * (dp - rowSum);
          for (int i = 0; i < h.size; i++) {
            dqkv[q + i] += ds * h.qkv[k + i];
            dqkv[k + i] += ds * h.qkv[q + i];
          }
        }
      }
    }
    return dqkv;
  }

  /** Where the vectors of a head begin in qkv [B, T, 3, H, size]; heads are counted over B·H. */
  private static final class Heads {
    final double[] qkv;
    final int B;
    final int T;
    final int H;
    final int size;

    Heads(double[] qkv, Shape shape, int heads) {
      this.qkv = qkv;
      this.B = shape.dim(0);
      this.T = shape.dim(1);
      this.H = heads;
      this.size = shape.dim(2) / 3 / heads;
    }

    int query(int head, int t) {
      return vector(head, t, 0);
    }

    int key(int head, int t) {
      return vector(head, t, 1);
    }

    int value(int head, int t) {
      return vector(head, t, 2);
    }

    private int vector(int head, int t, int part) {
      int row = head / H * T + t;
      return ((row * 3 + part) * H + head % H) * size;
    }

    /** Where the head's vector begins in out [B, T, H, size]. */
    int out(int head, int t) {
      return ((head / H * T + t) * H + head % H) * size;
    }

    double dot(int a, int b) {
      double sum = 0;
      for (int i = 0; i < size; i++) {
        sum += qkv[a + i] * qkv[b + i];
      }
      return sum;
    }
  }
}
