package io.manifoldmuon.linalg.reference;

import io.manifoldmuon.linalg.ShapeException;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.AbandonedException;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.Graph;
import io.manifoldmuon.linalg.graph.Node;
import io.manifoldmuon.linalg.graph.Op;
import io.manifoldmuon.linalg.graph.Phase;
import io.manifoldmuon.linalg.graph.Type;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;

/** Evaluates the nodes of a graph one after the other. */
final class ReferenceProgram implements Program {
  private final ReferenceEngine engine;
  private final Graph graph;
  private final int[] lastUse;
  private final Map<String, Object> inputs = new HashMap<>();
  private final Map<String, Object> outputs = new HashMap<>();
  private final Map<Phase, Long> nanos = new EnumMap<>(Phase.class);
  private boolean closed;

  ReferenceProgram(ReferenceEngine engine, Graph graph) {
    this.engine = engine;
    this.graph = graph;
    this.lastUse = new int[graph.valueCount()];
    for (int i = 0; i < graph.nodes().size(); i++) {
      for (int v : graph.nodes().get(i).inputs()) {
        lastUse[v] = i;
      }
    }
    graph.outputs().values().forEach(v -> lastUse[v] = Integer.MAX_VALUE);
  }

  @Override
  public Graph graph() {
    return graph;
  }

  @Override
  public void write(String input, Tensor value) {
    checkOpen();
    Integer id = graph.inputs().get(input);
    if (id == null) {
      throw new IllegalArgumentException(
          "write: no input '" + input + "', this graph has " + graph.inputs().keySet());
    }
    Type given = new Type(value.shape(), value.dtype());
    if (!given.equals(graph.type(id))) {
      throw new ShapeException(
          "write: " + given + " given for input '" + input + "', wanted " + graph.type(id));
    }
    inputs.put(input, ReferenceEngine.copyOf(value));
  }

  @Override
  public void run() {
    checkOpen();
    for (String label : graph.inputs().keySet()) {
      if (!inputs.containsKey(label)) {
        throw new IllegalStateException("run: input '" + label + "' was never written, write it");
      }
    }
    outputs.clear();
    nanos.clear();
    Object[] values = new Object[graph.valueCount()];
    boolean changed = false;
    for (int i = 0; i < graph.nodes().size(); i++) {
      if (!changed && engine.isAbandoned()) {
        throw new AbandonedException(engine.name());
      }
      Node n = graph.nodes().get(i);
      changed |= n.op() instanceof Op.Assign;
      long start = System.nanoTime();
      Object[] results = evaluate(new Operands(n, graph, values));
      nanos.merge(n.phase(), System.nanoTime() - start, Long::sum);
      for (int j = 0; j < results.length; j++) {
        values[n.outputs().get(j)] = results[j];
      }
      release(values, n, i);
    }
    graph.outputs().forEach((label, v) -> outputs.put(label, values[v]));
  }

  private void release(Object[] values, Node n, int at) {
    for (int v : n.inputs()) {
      if (lastUse[v] == at) {
        values[v] = null;
      }
    }
  }

  /** The outputs of a node, each a {@code double[]} or {@code int[]} that nothing writes again. */
  private Object[] evaluate(Operands in) {
    return switch (in.node().op()) {
      case Op.Variable o -> one(engine.content(o.label()));
      case Op.Input o -> one(inputs.get(o.label()));
      case Op.Assign o -> {
        engine.assign(o.label(), in.any(1));
        yield one(in.any(1));
      }
      case Op.Fill o -> one(Layout.fill(o));
      case Op.GaussianNoise o -> one(Layout.gaussianNoise(o, in));
      case Op.Reshape _ -> one(in.any(0));
      case Op.Slice o -> one(Layout.slice(o, in));
      case Op.Concat _ -> one(Layout.concat(in));
      case Op.Map o -> one(Elementwise.map(o.f(), in));
      case Op.MapBackward o -> one(Elementwise.mapBackward(o.f(), in));
      case Op.Zip o -> one(Elementwise.zip(o, in));
      case Op.Lerp _ -> one(Elementwise.lerp(in));
      case Op.WeightedSum o -> one(Elementwise.weightedSum(o, in));
      case Op.MaxAbs _ -> one(Elementwise.maxAbs(in));
      case Op.Expand o -> one(Elementwise.expand(o, in));
      case Op.Sum o -> one(Elementwise.sum(o, in));
      case Op.Dot _ -> one(Elementwise.dot(in));
      case Op.MatMul o -> one(Products.matMul(o, in));
      case Op.Gram o -> one(Products.gram(o, in));
      case Op.SymmetricMatMul _ -> one(Products.symmetricMatMul(in));
      case Op.AddTransposed o -> one(Products.addTransposed(o, in));
      case Op.Svd _ -> Singular.svd(in);
      case Op.GroupedMatMul o -> one(Products.groupedMatMul(o, in));
      case Op.GroupedOuter o -> one(Products.groupedOuter(o, in));
      case Op.RmsNorm o -> one(Rows.rmsNorm(o.epsilon(), in));
      case Op.RmsNormBackward o -> Rows.rmsNormBackward(o.epsilon(), in);
      case Op.Softmax _ -> one(Rows.softmax(in));
      case Op.SoftmaxBackward _ -> one(Rows.softmaxBackward(in));
      case Op.LogSumExp _ -> one(Rows.logSumExp(in));
      case Op.Embedding _ -> one(Language.embedding(in));
      case Op.EmbeddingBackward o -> one(Language.embeddingBackward(o, in));
      case Op.CrossEntropy _ -> Language.crossEntropy(in);
      case Op.CrossEntropyBackward _ -> one(Language.crossEntropyBackward(in));
      case Op.Rope o -> one(Attention.rope(o, in));
      case Op.CausalAttention o -> Attention.forward(o, in);
      case Op.CausalAttentionBackward o -> one(Attention.backward(o, in));
      case Op.TopK o -> one(Routing.topK(o, in));
      case Op.RoundRobin o -> one(Routing.roundRobin(o));
      case Op.TakeColumns _ -> one(Routing.takeColumns(in));
      case Op.TakeColumnsBackward o -> one(Routing.takeColumnsBackward(o, in));
      case Op.Dispatch o -> Routing.dispatch(o, in);
      case Op.Counts _ -> one(Routing.counts(in));
      case Op.GatherTokens o -> one(Routing.gatherTokens(o, in));
      case Op.SumTokens o -> one(Routing.sumTokens(o, in));
      case Op.CombineTokens _ -> one(Routing.combineTokens(in));
      case Op.CombineTokensBackward _ -> Routing.combineTokensBackward(in);
      case Op.AdamW _ -> Updates.adamW(in);
    };
  }

  private static Object[] one(Object value) {
    return new Object[] {value};
  }

  @Override
  public Tensor read(String output) {
    Object data = output(output);
    return ReferenceEngine.tensorOf(graph.type(graph.outputs().get(output)).shape(), data);
  }

  @Override
  public double readScalar(String output) {
    Object data = output(output);
    Type type = graph.type(graph.outputs().get(output));
    if (type.shape().size() != 1) {
      throw new ShapeException(
          "readScalar: output '" + output + "' is " + type + ", wanted one element; use read");
    }
    return data instanceof int[] i ? i[0] : ((double[]) data)[0];
  }

  private Object output(String label) {
    checkOpen();
    if (!graph.outputs().containsKey(label)) {
      throw new IllegalArgumentException(
          "read: no output '" + label + "', this graph has " + graph.outputs().keySet());
    }
    Object data = outputs.get(label);
    if (data == null) {
      throw new IllegalStateException("read: output '" + label + "' before a completed run, run");
    }
    return data;
  }

  @Override
  public long nanos(Phase phase) {
    return nanos.getOrDefault(phase, 0L);
  }

  @Override
  public long bytes() {
    checkOpen();
    long total = 0;
    for (int v = 0; v < graph.valueCount(); v++) {
      total += ReferenceEngine.bytes(graph.type(v));
    }
    return total;
  }

  @Override
  public String plan() {
    return "reference: "
        + graph.nodes().size()
        + " nodes, each evaluated in turn in float64; at most "
        + bytes()
        + " bytes of values\n"
        + graph;
  }

  @Override
  public void close() {
    closed = true;
    inputs.clear();
    outputs.clear();
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("reference program: used after close, compile it again");
    }
    engine.checkOpen();
  }
}
