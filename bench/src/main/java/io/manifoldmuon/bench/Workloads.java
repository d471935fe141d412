package io.manifoldmuon.bench;

import static io.manifoldmuon.bench.OptimizerWorkloads.muon;
import static io.manifoldmuon.bench.OptimizerWorkloads.stiefel;

import io.manifoldmuon.linalg.CounterRandom;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.linalg.graph.Unary;
import io.manifoldmuon.linalg.graph.Value;
import io.manifoldmuon.linalg.graph.Vjp;
import io.manifoldmuon.linalg.polar.Msign;
import io.manifoldmuon.linalg.polar.PolarIteration;
import io.manifoldmuon.linalg.polar.PolarMethod;
import io.manifoldmuon.linalg.polar.Precision;
import io.manifoldmuon.optim.Admm;
import io.manifoldmuon.optim.DualAscent;
import io.manifoldmuon.optim.Irls;
import io.manifoldmuon.optim.StiefelSolver;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * All workloads, in the shapes of the preset {@code small} where they come from a model: D = 256, F
 * = 1024, H = 4, E = 4, k = 2, B = 8 windows of T = 256 tokens, N = 2048 tokens.
 */
final class Workloads {
  private static final int D = 256;
  private static final int F = 1024;
  private static final int H = 4;
  private static final int E = 4;
  private static final int K = 2;
  private static final int B = 8;
  private static final int T = 256;
  private static final int N = B * T;
  private static final Shape EXPERTS = Shape.of(E, F, D);
  private static final double ATTENTION_SCALE = 1 / Math.sqrt(D / (double) H);
  private static final String IDS = "ids";

  private Workloads() {}

  /** One large product: what the machine can compute. */
  static Workload productCeiling() {
    return product("ceiling/product-2048", 2048, 2048, 2048, GraphBuilder::matMul);
  }

  /** One large copy, of 64 MiB: what its memory can move. */
  static Workload copyCeiling() {
    return unary("ceiling/copy-64MiB", Shape.of(1 << 24), (g, x) -> g.scale(x, 2));
  }

  /** The workload of a name, the two ceilings included. */
  static Workload named(String name) {
    return Stream.of(List.of(productCeiling(), copyCeiling()), all(), large())
        .flatMap(List::stream)
        .filter(w -> w.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no workload " + name));
  }

  /** In the order of the table. */
  static List<Workload> all() {
    List<Workload> all = new ArrayList<>();
    all.addAll(products());
    all.addAll(polarFactors());
    all.addAll(optimizers());
    all.addAll(parts());
    all.add(StepWorkload.of("tiny"));
    all.add(StepWorkload.of("small"));
    return all;
  }

  /**
   * What a GPU has enough to do with; on a CPU each takes long. Operands are variables, which stay
   * on the device: as inputs, sending them would be what is timed.
   */
  static List<Workload> large() {
    return List.of(
        largeProduct(1024),
        largeProduct(2048),
        largeProduct(4096),
        largeProduct(8192),
        largeChain("large/muon-quintic-5", Precision.FLOAT32),
        largeChain("large/muon-quintic-5-bfloat16", Precision.BFLOAT16));
  }

  private static Workload largeChain(String name, Precision precision) {
    return Workload.of(
        name,
        g -> {
          Value x = g.variable("x", Type.real(96, 512, 2048));
          g.output("y", Msign.record(g, x, PolarIteration.muonQuintic(5).in(precision)));
        });
  }

  private static Workload largeProduct(int n) {
    return Workload.of(
        "large/product-" + n,
        g -> {
          Value a = g.variable("a", Type.real(n, n));
          g.output("y", g.matMul(a, g.variable("b", Type.real(n, n))));
        });
  }

  // ---- products -----------------------------------------------------------------------------

  private interface Product {
    Value record(GraphBuilder g, Value a, Value b);
  }

  private interface Op {
    Value record(GraphBuilder g, Value x);
  }

  private static List<Workload> products() {
    return List.of(
        product("product/512", 512, 512, 512, GraphBuilder::matMul),
        product("product/1024", 1024, 1024, 1024, GraphBuilder::matMul),
        product("product/1024-nt", 1024, 1024, 1024, GraphBuilder::matMulNT),
        product("product/1024-tn", 1024, 1024, 1024, GraphBuilder::matMulTN),
        product("product/tall", N, D, D, GraphBuilder::matMul),
        Workload.of(
            "product/stack-16x256",
            g -> g.output("y", g.matMul(real(g, "a", 16, D, D), real(g, "b", 16, D, D)))),
        Workload.of(
            "product/grouped",
            g -> {
              Value x = real(g, "x", N * K, D);
              Value offsets = g.input(IDS, Type.integer(E + 1));
              g.output("y", g.groupedMatMul(x, real(g, "w", E, F, D), offsets, true));
            },
            program -> program.write(IDS, unequalGroups())),
        unary("product/gram-stack", EXPERTS, (g, x) -> g.gram(x, false)));
  }

  private static Workload product(String name, int m, int k, int n, Product op) {
    return Workload.of(
        name, g -> g.output("y", op.record(g, real(g, "a", m, k), real(g, "b", k, n))));
  }

  private static Workload unary(String name, Shape shape, Op op) {
    return Workload.of(name, g -> g.output("y", op.record(g, real(g, "x", shape.toArray()))));
  }

  private static Value real(GraphBuilder g, String label, int... dims) {
    return g.input(label, Type.real(dims));
  }

  /** Experts with a tenth, two, three and four tenths of the rows. */
  private static Tensor unequalGroups() {
    int rows = N * K;
    return Tensor.of(Shape.of(E + 1), 0, rows / 10, 3 * rows / 10, 6 * rows / 10, rows);
  }

  // ---- polar factors and optimizers -----------------------------------------------------------

  private static List<Workload> polarFactors() {
    return List.of(
        polar("svd", PolarMethod.of("svd", 1)),
        polar("cubic-15", PolarIteration.cubic(15)),
        polar("taylor-quintic-10", PolarIteration.taylorQuintic(10)),
        polar("muon-quintic-5", PolarIteration.muonQuintic(5)),
        polar("muon-quintic-5-bfloat16", PolarIteration.muonQuintic(5).in(Precision.BFLOAT16)),
        polar("polar-express-8", PolarIteration.polarExpress(8)),
        unary(
            "msign/polar-express-8-gram",
            EXPERTS,
            (g, x) -> Msign.recordOnGram(g, x, PolarIteration.polarExpress(8))),
        unary("msign/retraction-2", EXPERTS, (g, x) -> Msign.retraction(g, x, 2)));
  }

  private static Workload polar(String name, PolarMethod method) {
    return unary("msign/" + name, EXPERTS, (g, x) -> Msign.record(g, x, method));
  }

  private static List<Workload> optimizers() {
    return List.of(
        muon("step/muon", EXPERTS),
        stiefel("step/stiefel-project", EXPERTS, new StiefelSolver.Project()),
        stiefel("step/stiefel-irls-1", EXPERTS, Irls.training(1)),
        stiefel("step/stiefel-dual-ascent-10", EXPERTS, DualAscent.of(10, 0.1)),
        stiefel("step/stiefel-admm-10", EXPERTS, Admm.of(10)),
        stiefel("step/stiefel-square", Shape.of(4, D, D), new StiefelSolver.Project()));
  }

  // ---- parts of the model ---------------------------------------------------------------------

  private static List<Workload> parts() {
    return List.of(
        unary("attention/forward", Shape.of(B, T, 3 * D), Workloads::attention),
        withGradient("attention/both", Shape.of(B, T, 3 * D), Workloads::attention),
        unary("router/dispatch", Shape.of(N, E), Workloads::dispatch),
        experts("experts/forward", false),
        experts("experts/both", true),
        crossEntropy("cross-entropy/bytes", N, 256),
        crossEntropy("cross-entropy/gpt2", 256, 50_304));
  }

  private static Value attention(GraphBuilder g, Value qkv) {
    return g.causalAttention(qkv, H, ATTENTION_SCALE);
  }

  /** Softmax, top-k and the sort by expert. */
  private static Value dispatch(GraphBuilder g, Value scores) {
    Value index = g.topK(scores, K);
    Value weights = g.softmax(g.takeColumns(scores, index));
    var routing = g.dispatch(index, E);
    g.output("position", routing.position());
    g.output("offsets", routing.offsets());
    return weights;
  }

  private static Workload experts(String name, boolean backward) {
    return Workload.of(
        name,
        g -> {
          Value x = real(g, "x", N, D);
          Value up = real(g, "up", E, F, D);
          Value down = real(g, "down", E, D, F);
          Value scores = real(g, "scores", N, E);
          Value index = g.topK(scores, K);
          Value weights = g.softmax(g.takeColumns(scores, index));
          var routing = g.dispatch(index, E);
          Value rows = g.gatherTokens(x, routing.position());
          Value hidden = g.map(Unary.SILU, g.groupedMatMul(rows, up, routing.offsets(), true));
          Value out = g.groupedMatMul(hidden, down, routing.offsets(), true);
          Value y = g.combineTokens(out, weights, routing.position());
          g.output("y", y);
          if (backward) {
            gradients(g, y, List.of(x, up, down, scores));
          }
        });
  }

  private static Workload crossEntropy(String name, int rows, int vocabulary) {
    return Workload.of(
        name,
        g -> {
          Value logits = real(g, "logits", rows, vocabulary);
          Value loss = g.crossEntropy(logits, g.input(IDS, Type.integer(rows)));
          g.output("loss", loss);
          gradients(g, loss, List.of(logits));
        },
        targets(rows, vocabulary));
  }

  private static Consumer<Program> targets(int rows, int vocabulary) {
    int[] ids = new int[rows];
    for (int i = 0; i < rows; i++) {
      ids[i] = (int) CounterRandom.below(vocabulary, Workload.SEED, 0, i);
    }
    return program -> program.write(IDS, Tensor.of(Shape.of(rows), ids));
  }

  private static Workload withGradient(String name, Shape shape, Op op) {
    return Workload.of(
        name,
        g -> {
          Value x = real(g, "x", shape.toArray());
          Value y = op.record(g, x);
          g.output("y", y);
          gradients(g, y, List.of(x));
        });
  }

  /** Of Σ y∘c for a random c, so that no gradient is trivial. */
  private static void gradients(GraphBuilder g, Value y, List<Value> of) {
    Value sum = g.sum(g.mul(y, g.input("c", Type.real(y.shape()))));
    List<Value> found = Vjp.gradients(g, sum, of);
    for (int i = 0; i < found.size(); i++) {
      g.output("d" + i, found.get(i));
    }
  }
}
