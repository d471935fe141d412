package io.manifoldmuon.linalg.graph;

import io.manifoldmuon.linalg.DType;
import io.manifoldmuon.linalg.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reverse-mode differentiation: walks a recording backwards and appends, for every node between the
 * asked-for values and the loss, the ops that carry the gradient through it (the vector–Jacobian
 * product). The result is more graph; nothing is computed here.
 *
 * <p>Gradients of slices of one value are laid side by side with {@link Op.Concat}, so that an
 * engine can let the pieces be written in place.
 */
public final class Vjp {
  private final GraphBuilder g;
  private final boolean[] needed;
  private final Map<Integer, List<Piece>> pieces = new HashMap<>();

  /** A gradient of the elements {@code offset …} of a value. */
  private record Piece(int offset, Value gradient) {
    int end() {
      return offset + gradient.shape().size();
    }
  }

  private Vjp(GraphBuilder g, boolean[] needed) {
    this.g = g;
    this.needed = needed;
  }

  /**
   * Records the gradients of a scalar loss.
   *
   * @param loss a real value of one element
   * @param wrt the values to differentiate by, of this recording as the loss is
   * @return for each of {@code wrt} a value of its shape; zeros where the loss does not depend on
   *     it
   */
  public static List<Value> gradients(GraphBuilder g, Value loss, List<Value> wrt) {
    if (loss.shape().size() != 1 || loss.type().dtype() != DType.REAL) {
      throw new IllegalArgumentException(
          "Vjp: loss " + loss + " given, wanted a real value of one element; sum or average it");
    }
    g.requireOwn("Vjp", loss);
    wrt.forEach(v -> g.requireOwn("Vjp", v));
    List<Node> nodes = List.copyOf(g.nodes());
    boolean[] needed = new boolean[nodes.stream().mapToInt(n -> n.outputs().size()).sum()];
    wrt.forEach(v -> needed[v.id()] = true);
    for (Node n : nodes) {
      if (n.inputs().stream().anyMatch(v -> needed[v])) {
        n.outputs().forEach(v -> needed[v] = g.value(v).type().dtype() == DType.REAL);
      }
    }
    Vjp vjp = new Vjp(g, needed);
    if (needed[loss.id()]) {
      g.phase(Phase.BACKWARD, () -> vjp.add(loss.id(), 0, g.fill(1, loss.shape())));
    }
    for (int i = loss.node(); i >= 0; i--) {
      Node n = nodes.get(i);
      g.backwardOf(n, () -> vjp.visit(n));
    }
    List<Value> result = new ArrayList<>();
    g.phase(
        Phase.BACKWARD,
        () ->
            wrt.forEach(
                v -> {
                  Value d = vjp.gradientOf(v.id());
                  result.add(d != null ? d : g.fill(0, v.shape()));
                }));
    return result;
  }

  private void add(int value, int offset, Value gradient) {
    pieces.computeIfAbsent(value, _ -> new ArrayList<>()).add(new Piece(offset, gradient));
  }

  /** The whole gradient of a value, or null where nothing flowed into it. */
  private Value gradientOf(int id) {
    List<Piece> found = pieces.get(id);
    if (found == null) {
      return null;
    }
    Value whole = assemble(found, g.value(id).shape());
    pieces.put(id, new ArrayList<>(List.of(new Piece(0, whole))));
    return whole;
  }

  /** Adds what overlaps and lays the rest side by side, with zeros in the gaps. */
  private Value assemble(List<Piece> found, Shape shape) {
    List<Piece> merged = new ArrayList<>();
    for (Piece p : found.stream().sorted(Comparator.comparingInt(Piece::offset)).toList()) {
      Piece last = merged.isEmpty() ? null : merged.getLast();
      if (last == null || last.end() <= p.offset()) {
        merged.add(p);
      } else {
        merged.set(merged.size() - 1, union(last, p));
      }
    }
    List<Value> parts = new ArrayList<>();
    int at = 0;
    for (Piece p : merged) {
      if (p.offset() > at) {
        parts.add(g.fill(0, Shape.of(p.offset() - at)));
      }
      parts.add(p.gradient());
      at = p.end();
    }
    if (at < shape.size()) {
      parts.add(g.fill(0, Shape.of(shape.size() - at)));
    }
    return g.concat(parts, shape);
  }

  private Piece union(Piece a, Piece b) {
    if (a.offset() == b.offset() && a.end() == b.end()) {
      Value second = g.reshape(b.gradient(), a.gradient().shape().toArray());
      return new Piece(a.offset(), g.add(a.gradient(), second));
    }
    int from = Math.min(a.offset(), b.offset());
    Shape span = Shape.of(Math.max(a.end(), b.end()) - from);
    Value wide = assemble(List.of(new Piece(a.offset() - from, a.gradient())), span);
    Value other = assemble(List.of(new Piece(b.offset() - from, b.gradient())), span);
    return new Piece(from, g.add(wide, other));
  }

  private void visit(Node n) {
    if (n.inputs().stream().noneMatch(v -> needed[v])) {
      return;
    }
    Value[] dy = n.outputs().stream().map(this::neededGradient).toArray(Value[]::new);
    if (Arrays.stream(dy).allMatch(d -> d == null)) {
      return;
    }
    if (n.op() instanceof Op.Slice o) {
      add(n.inputs().getFirst(), o.offset(), dy[0]);
      return;
    }
    List<Value> in = n.inputs().stream().map(g::value).toList();
    Value[] dx = rule(n, in, dy);
    for (int i = 0; i < dx.length; i++) {
      if (dx[i] != null) {
        add(n.inputs().get(i), 0, dx[i]);
      }
    }
  }

  private Value neededGradient(int id) {
    return needed[id] ? gradientOf(id) : null;
  }

  private boolean needs(Value v) {
    return needed[v.id()];
  }

  private static Value[] of(Value... gradients) {
    return gradients;
  }

  /** Gradients of the inputs, null for those that need or have none. */
  private Value[] rule(Node n, List<Value> in, Value[] grads) {
    Value dy = grads[0];
    return switch (n.op()) {
      case Op.Variable _, Op.Input _, Op.Fill _, Op.GaussianNoise _, Op.RoundRobin _ -> of();
      case Op.TopK _, Op.Dispatch _, Op.Counts _ -> of();
      case Op.Reshape _ -> of(g.reshape(dy, in.get(0).shape().toArray()));
      case Op.Slice _ -> throw new AssertionError("slices are handled by visit");
      case Op.Concat _ -> concat(in, dy);
      case Op.Map o -> map(o, in.get(0), dy);
      case Op.Zip o -> zip(o, in.get(0), in.get(1), dy);
      case Op.Lerp _ -> lerp(in, dy);
      case Op.WeightedSum o -> of(g.scale(dy, o.a()), g.scale(dy, o.b()));
      case Op.Expand o -> of(g.sum(dy, in.get(0).shape(), o.align()));
      case Op.Sum o -> of(g.expand(dy, in.get(0).shape(), o.align()));
      case Op.Dot _ ->
          of(
              needs(in.get(0)) ? g.mul(in.get(1), dy) : null,
              needs(in.get(1)) ? g.mul(in.get(0), dy) : null);
      case Op.MatMul o -> matMul(o, in.get(0), in.get(1), dy);
      case Op.Gram o -> {
        Value both = g.addTransposed(1, 1, dy);
        yield of(o.rows() ? g.matMul(both, in.get(0)) : g.matMul(in.get(0), both));
      }
      case Op.AddTransposed o -> of(g.addTransposed(o.a(), o.b(), dy));
      case Op.GroupedMatMul o -> groupedMatMul(o, in, dy);
      case Op.GroupedOuter _ -> groupedOuter(in, dy);
      case Op.RmsNorm o -> rmsNorm(o, in, dy);
      case Op.Softmax _ ->
          of(g.record(new Op.SoftmaxBackward(), dy, g.value(n.outputs().getFirst())).getFirst());
      case Op.LogSumExp _ -> of(g.mul(g.softmax(in.get(0)), dy));
      case Op.Embedding _ -> embedding(in, dy);
      case Op.Rope o -> of(g.record(new Op.Rope(o.heads(), o.base(), !o.inverse()), dy).getFirst());
      case Op.CausalAttention o -> attention(n, o, in.get(0), grads);
      case Op.CrossEntropy _ -> crossEntropy(n, in, grads);
      case Op.TakeColumns _ ->
          of(
              g.record(new Op.TakeColumnsBackward(in.get(0).shape().dim(1)), dy, in.get(1))
                  .getFirst(),
              null);
      case Op.GatherTokens o ->
          of(g.record(new Op.SumTokens(o.k()), dy, in.get(1)).getFirst(), null);
      case Op.SumTokens o ->
          of(g.record(new Op.GatherTokens(o.k()), dy, in.get(1)).getFirst(), null);
      case Op.CombineTokens _ -> combineTokens(in, dy);
      case Op.MapBackward _,
          Op.RmsNormBackward _,
          Op.SoftmaxBackward _,
          Op.EmbeddingBackward _,
          Op.CausalAttentionBackward _,
          Op.CrossEntropyBackward _,
          Op.TakeColumnsBackward _,
          Op.CombineTokensBackward _,
          Op.MaxAbs _,
          Op.SymmetricMatMul _,
          Op.Svd _,
          Op.AdamW _,
          Op.Assign _ ->
          throw noGradient(n.where());
    };
  }

  private static IllegalStateException noGradient(String what) {
    return new IllegalStateException(
        "Vjp: " + what + " has no gradient rule; differentiate before it is recorded");
  }

  private Value[] concat(List<Value> in, Value dy) {
    Value[] dx = new Value[in.size()];
    int at = 0;
    for (int i = 0; i < dx.length; i++) {
      Shape s = in.get(i).shape();
      dx[i] = needs(in.get(i)) ? g.slice(dy, at, s.toArray()) : null;
      at += s.size();
    }
    return dx;
  }

  private Value[] map(Op.Map o, Value x, Value dy) {
    return switch (o.f()) {
      case NEGATE -> of(g.map(Unary.NEGATE, dy));
      case ROUND_BFLOAT16 -> of(dy);
      case SIGN -> of((Value) null);
      case ABS, SQUARE, SQRT, RECIPROCAL, EXP, LOG, SIGMOID, SILU, GELU ->
          of(g.record(new Op.MapBackward(o.f()), x, dy).getFirst());
    };
  }

  private Value[] zip(Op.Zip o, Value a, Value b, Value dy) {
    Value da = null;
    Value db = null;
    switch (o.f()) {
      case ADD -> {
        da = dy;
        db = needs(b) ? g.sum(dy, b.shape(), o.align()) : null;
      }
      case SUB -> {
        da = dy;
        db = needs(b) ? g.map(Unary.NEGATE, g.sum(dy, b.shape(), o.align())) : null;
      }
      case MUL -> {
        da = needs(a) ? aligned(Binary.MUL, dy, b, o.align()) : null;
        db = needs(b) ? sumOfProduct(dy, a, b.shape(), o.align()) : null;
      }
      case DIV -> {
        da = aligned(Binary.DIV, dy, b, o.align());
        Value y = aligned(Binary.DIV, a, b, o.align());
        db = needs(b) ? g.map(Unary.NEGATE, sumOfProduct(da, y, b.shape(), o.align())) : null;
      }
      case MIN, MAX -> {
        Value difference = aligned(Binary.SUB, finite(a), finite(b), o.align());
        Value sign = g.map(Unary.SIGN, difference);
        Value toA = o.f() == Binary.MAX ? sign : g.map(Unary.NEGATE, sign);
        // −1, 0, 1 becomes 0, 1, 1: a tie goes to a
        Value mask = g.zip(Binary.MIN, g.add(toA, g.constant(1)), g.constant(1));
        da = g.mul(dy, mask);
        db = needs(b) ? g.sum(g.sub(dy, da), b.shape(), o.align()) : null;
      }
    }
    return of(needs(a) ? da : null, db);
  }

  /**
   * The infinities as the last numbers of float32: the difference of two is a number. NaN stays.
   */
  private Value finite(Value x) {
    Value above = g.zip(Binary.MAX, x, g.constant(-Float.MAX_VALUE));
    return g.zip(Binary.MIN, above, g.constant(Float.MAX_VALUE));
  }

  private Value aligned(Binary f, Value a, Value b, Align align) {
    return g.record(new Op.Zip(f, align), a, b).getFirst();
  }

  private Value sumOfProduct(Value a, Value b, Shape shape, Align align) {
    return switch (align) {
      case PREFIX -> shape.equals(a.shape()) ? g.mul(a, b) : g.dot(a, b, shape.rank());
      case SUFFIX -> g.sum(g.mul(a, b), shape, align);
    };
  }

  private Value[] lerp(List<Value> in, Value dy) {
    Value t = in.get(2);
    Value db = g.mul(dy, t);
    Value dt = needs(t) ? g.dot(dy, g.sub(in.get(1), in.get(0)), 0) : null;
    return of(needs(in.get(0)) ? g.sub(dy, db) : null, db, dt);
  }

  private Value[] matMul(Op.MatMul o, Value a, Value b, Value dc) {
    boolean ta = o.transposeA();
    boolean tb = o.transposeB();
    Value da = null;
    Value db = null;
    if (needs(a)) {
      da = ta ? g.matMul(b, dc, tb, true) : g.matMul(dc, b, false, !tb);
    }
    if (needs(b)) {
      db = tb ? g.matMul(dc, a, true, ta) : g.matMul(a, dc, !ta, false);
    }
    return of(da, db);
  }

  private Value[] groupedMatMul(Op.GroupedMatMul o, List<Value> in, Value dy) {
    Value x = in.get(0);
    Value w = in.get(1);
    Value offsets = in.get(2);
    Value dx = needs(x) ? g.groupedMatMul(dy, w, offsets, !o.transposeW()) : null;
    Value dw = null;
    if (needs(w)) {
      dw = o.transposeW() ? g.groupedOuter(dy, x, offsets) : g.groupedOuter(x, dy, offsets);
    }
    return of(dx, dw, null);
  }

  private Value[] groupedOuter(List<Value> in, Value dy) {
    Value da = needs(in.get(0)) ? g.groupedMatMul(in.get(1), dy, in.get(2), true) : null;
    Value db = needs(in.get(1)) ? g.groupedMatMul(in.get(0), dy, in.get(2), false) : null;
    return of(da, db, null);
  }

  private Value[] rmsNorm(Op.RmsNorm o, List<Value> in, Value dy) {
    List<Value> d = g.record(new Op.RmsNormBackward(o.epsilon()), dy, in.get(0), in.get(1));
    return of(d.get(0), d.get(1));
  }

  private Value[] embedding(List<Value> in, Value dy) {
    int vocabulary = in.get(0).shape().dim(0);
    return of(g.record(new Op.EmbeddingBackward(vocabulary), dy, in.get(1)).getFirst(), null);
  }

  private Value[] attention(Node n, Op.CausalAttention o, Value qkv, Value[] grads) {
    if (grads[1] != null || grads[0] == null) {
      throw noGradient("the log-sum-exp of " + n.where());
    }
    Op back = new Op.CausalAttentionBackward(o.heads(), o.scale());
    Value out = g.value(n.outputs().get(0));
    Value lse = g.value(n.outputs().get(1));
    return of(g.record(back, grads[0], qkv, out, lse).getFirst());
  }

  private Value[] crossEntropy(Node n, List<Value> in, Value[] grads) {
    if (grads[1] != null || grads[0] == null) {
      throw noGradient("the log-sum-exp of " + n.where());
    }
    Value lse = g.value(n.outputs().get(1));
    return of(
        g.record(new Op.CrossEntropyBackward(), in.get(0), lse, in.get(1), grads[0]).getFirst(),
        null);
  }

  private Value[] combineTokens(List<Value> in, Value dy) {
    List<Value> d = g.record(new Op.CombineTokensBackward(), dy, in.get(0), in.get(1), in.get(2));
    return of(d.get(0), d.get(1), null);
  }
}
