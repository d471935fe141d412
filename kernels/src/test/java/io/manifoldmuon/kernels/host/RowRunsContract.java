package io.manifoldmuon.kernels.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.graph.Align;
import io.manifoldmuon.linalg.graph.Graph;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Phase;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.linalg.graph.Unary;
import io.manifoldmuon.linalg.graph.Value;
import io.manifoldmuon.linalg.graph.Vjp;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Ops on the rows of all tokens that become one launch, forward and backward. */
abstract class RowRunsContract {
  private static final int EXPERTS = 5;
  private static final int K = 2;

  /** Sums of up to 768 terms, of order 1, through some ten ops: 768 · 2⁻²⁴ · 10. */
  static final double TOLERANCE = 768 * 6e-8 * 10;

  /** An engine on the device, with the kernels that suit it. */
  abstract Engine open();

  /** A layer of the model and its gradients. */
  static Graph layer(int batch, int positions, int width, int heads) {
    int rows = batch * positions;
    GraphBuilder g = new GraphBuilder();
    Map<String, Value> w = new LinkedHashMap<>();
    w.put("x", g.variable("x", Type.real(rows, width)));
    w.put("gain", g.variable("gain", Type.real(width)));
    w.put("qkv", g.variable("qkv", Type.real(3 * width, width)));
    w.put("o", g.variable("o", Type.real(width, width)));
    w.put("router", g.variable("router", Type.real(EXPERTS, width)));
    w.put("up", g.variable("up", Type.real(EXPERTS, 24, width)));
    w.put("down", g.variable("down", Type.real(EXPERTS, width, 24)));
    Value x = w.get("x");
    Value qkv =
        g.reshape(
            g.matMulNT(g.rmsNorm(x, w.get("gain"), 1e-6), w.get("qkv")),
            batch,
            positions,
            3 * width);
    Value attention = g.causalAttention(g.rope(qkv, heads, 10000), heads, 0.3);
    Value between = g.add(x, g.matMulNT(g.reshape(attention, rows, width), w.get("o")));
    Value normed = g.rmsNorm(between, w.get("gain"), 1e-6);
    Value logits = g.matMulNT(normed, w.get("router"));
    Value index = g.topK(logits, K);
    Value weights = g.softmax(g.takeColumns(logits, index));
    GraphBuilder.Routing routing = g.dispatch(index, EXPERTS);
    Value gathered = g.gatherTokens(normed, routing.position());
    Value hidden =
        g.map(Unary.SILU, g.groupedMatMul(gathered, w.get("up"), routing.offsets(), true));
    Value out = g.groupedMatMul(hidden, w.get("down"), routing.offsets(), true);
    Value y = g.add(between, g.combineTokens(out, weights, routing.position()));
    Value shares = g.sum(g.softmax(logits), Shape.of(EXPERTS), Align.SUFFIX);
    Value lse = g.logSumExp(logits);
    Value loss =
        g.add(
            g.scale(g.sum(g.mul(y, y)), 1.0 / y.shape().size()),
            g.add(
                g.scale(g.dot(shares, shares, 0), 1.0 / rows / rows),
                g.scale(g.dot(lse, lse, 0), 0.1 / rows)));
    List<Value> gradients = Vjp.gradients(g, loss, List.copyOf(w.values()));
    g.phase(
        Phase.BACKWARD,
        () -> {
          int i = 0;
          for (String label : w.keySet()) {
            g.output("gradient " + label, gradients.get(i++));
          }
        });
    g.output("y", y);
    g.output("index", index);
    g.output("loss", loss);
    return g.build();
  }

  /** Rows that are summed in three pieces, in one, in pieces that do not come out even. */
  @ParameterizedTest
  @CsvSource({"6, 64, 40, 4", "8, 64, 16, 2", "4, 16, 32, 2", "3, 94, 24, 1", "2, 7, 6, 1"})
  void aLayerIsTheReferences(int batch, int positions, int width, int heads) {
    Replays.compare(this::open, layer(batch, positions, width, heads), 2, TOLERANCE);
  }

  /** Besides attention, products over experts, and sums over all rows. */
  @Test
  void whatIsDoneToRowsIsFewLaunches() {
    List<String> plan =
        Replays.plan(this::open, layer(8, 64, 40, 4)).lines().map(String::strip).toList();
    assumeTrue(
        plan.stream().noneMatch(l -> l.contains("TiledF32")),
        "the device is a GPU; only the kernels for CPUs take the rows of all tokens together");
    assertThat(plan.stream().filter(l -> l.startsWith("rowStepsVectorF32"))).hasSizeBetween(5, 7);
    for (String one :
        List.of("rmsNorm", "softmax", "topK", "takeColumns", "rope", "logSumExp", "combine")) {
      assertThat(plan).as(one).noneMatch(l -> l.startsWith(one));
    }
  }

  /** An embedding wider than a panel is deep, rows of one head, and a head that is all columns. */
  @ParameterizedTest
  @CsvSource({"8, 300, 40", "512, 20, 257", "28, 528, 48", "12, 16, 16"})
  void productsOfRowsAreTheReferences(int rows, int inner, int columns) {
    GraphBuilder g = new GraphBuilder();
    Value x = g.variable("x", Type.real(rows, inner));
    Value gain = g.variable("gain", Type.real(inner));
    Value w = g.variable("w", Type.real(columns, inner));
    Value back = g.variable("back", Type.real(columns, inner));
    Value y = g.matMulNT(g.rmsNorm(x, gain, 1e-6), w);
    g.output("sum", g.weightedSum(2, g.matMul(y, back), -0.5, x, 0));
    g.output("lse", g.logSumExp(y));
    Replays.compare(this::open, g.build(), 2, TOLERANCE);
  }
}
