package io.manifoldmuon.linalg.engine;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Op;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.linalg.graph.Unary;
import io.manifoldmuon.linalg.graph.Value;
import java.util.List;

/** Small whole models, in which ops meet: an engine plans their memory together. */
final class ModelCases {
  private ModelCases() {}

  static List<Case> all() {
    return List.of(mixture(7, 3, 2), mixture(13, 5, 1), mixture(3, 4, 4), languageModel());
  }

  /** A mixture of experts with its balance loss; the experts are chosen by scores of their own. */
  private static Case mixture(int n, int e, int k) {
    int d = 6;
    int f = 11;
    return Case.of(
            new Op.GroupedMatMul(true), "in a mixture, " + n + " tokens to " + k + " of " + e)
        .real(Values.GAUSS, n, d)
        .real(Values.GAUSS, e, d)
        .real(Values.GAUSS, e, f, d)
        .real(Values.GAUSS, e, d, f)
        .fixed(Values.SEPARATED, n, e)
        .recipe((g, in) -> moe(g, in.get(0), in.get(1), in.get(2), in.get(3), in.get(4), k))
        .build();
  }

  private static List<Value> moe(
      GraphBuilder g, Value x, Value router, Value up, Value down, Value scores, int k) {
    int e = router.shape().dim(0);
    Value logits = g.matMulNT(x, router);
    Value index = g.topK(scores, k);
    Value weights = g.softmax(g.takeColumns(logits, index));
    GraphBuilder.Routing routing = g.dispatch(index, e);
    Value rows = g.gatherTokens(x, routing.position());
    Value hidden = g.map(Unary.SILU, g.groupedMatMul(rows, up, routing.offsets(), true));
    Value z = g.groupedMatMul(hidden, down, routing.offsets(), true);
    Value y = g.combineTokens(z, weights, routing.position());
    Value load = g.scale(g.counts(routing.offsets()), 1.0 / index.shape().size());
    Value meanP = g.sum(g.softmax(logits), Shape.of(e), io.manifoldmuon.linalg.graph.Align.SUFFIX);
    return List.of(g.add(x, y), g.dot(load, meanP, 0));
  }

  /** One block of attention and mixture between embedding and tied head; the loss of each token. */
  private static Case languageModel() {
    int b = 2;
    int t = 5;
    int d = 8;
    int v = 13;
    return Case.of(new Op.CrossEntropy(), "of a language model")
        .real(Values.GAUSS, v, d)
        .real(Values.POSITIVE, d)
        .real(Values.GAUSS, 4, d, d)
        .real(Values.GAUSS, 3, d)
        .real(Values.GAUSS, 3, 7, d)
        .real(Values.GAUSS, 3, d, 7)
        .fixed(Values.SEPARATED, b * t, 3)
        .ints(Shape.of(b, t), 0, 12, 3, 3, 7, 1, 12, 0, 9, 4)
        .ints(Shape.of(b * t), 12, 3, 3, 7, 1, 12, 0, 9, 4, 5)
        .recipe((g, in) -> languageModel(g, in, b, t))
        .functional(1)
        .build();
  }

  private static List<Value> languageModel(GraphBuilder g, List<Value> in, int b, int t) {
    Value table = in.get(0);
    Value gain = in.get(1);
    int d = gain.shape().size();
    int n = b * t;
    Value x = g.reshape(g.scale(g.embedding(table, in.get(7)), Math.sqrt(d)), n, d);
    Value normed = g.rmsNorm(x, gain, 1e-6);
    // q, k and v are neighbours in the stack: one product
    Value qkv = g.matMulNT(normed, g.slice(in.get(2), 0, 3 * d, d));
    Value out = g.causalAttention(g.rope(g.reshape(qkv, b, t, 3 * d), 2, 10000), 2, 0.5);
    Value o = g.slice(in.get(2), 3 * d * d, d, d);
    Value h = g.add(x, g.matMulNT(g.reshape(out, n, d), o));
    List<Value> mixed =
        moe(g, g.rmsNorm(h, gain, 1e-6), in.get(3), in.get(4), in.get(5), in.get(6), 2);
    Value logits = g.matMulNT(g.rmsNorm(g.add(h, mixed.get(0)), gain, 1e-6), table);
    Value loss = g.crossEntropy(logits, in.get(8));
    Value accumulated = g.variable("accumulated loss", Type.real(n));
    g.assign("accumulated loss", g.add(accumulated, loss));
    return List.of(loss, mixed.get(1));
  }
}
