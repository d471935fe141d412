package io.manifoldmuon.linalg.graph;

import io.manifoldmuon.linalg.DType;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.ShapeException;
import java.util.List;

/** What each op accepts, and the types of what it gives; the contract is {@link Op}'s. */
final class ShapeRules {
  private final Op op;
  private final List<Type> in;

  private ShapeRules(Op op, List<Type> in) {
    this.op = op;
    this.in = in;
  }

  /** The output types of {@code op} on inputs of the given types, or a {@link ShapeException}. */
  static List<Type> infer(Op op, List<Type> inputs) {
    return new ShapeRules(op, inputs).outputs();
  }

  private List<Type> outputs() {
    return switch (op) {
      case Op.Variable o -> leaf(new Type(o.shape(), o.dtype()));
      case Op.Input o -> leaf(new Type(o.shape(), o.dtype()));
      case Op.Fill o -> leaf(Type.real(o.shape()));
      case Op.RoundRobin o -> roundRobin(o);
      case Op.GaussianNoise o -> {
        arity(1);
        want(0, Type.integer());
        yield List.of(Type.real(o.shape()));
      }
      case Op.Reshape o -> reshape(o);
      case Op.Slice o -> slice(o);
      case Op.Concat o -> concat(o);
      case Op.Map _ -> same(1);
      case Op.MapBackward _ -> same(2);
      case Op.Zip o -> zip(o);
      case Op.Lerp _ -> {
        Shape s = real(0, 3);
        want(1, in.get(0));
        want(2, Type.real());
        yield List.of(Type.real(s));
      }
      case Op.WeightedSum o -> o.d() == 0 ? same(2) : square(same(2));
      case Op.MaxAbs o -> kept(real(0, 1), o.keep());
      case Op.Expand o -> aligned(o.shape(), real(0, 1), o.align(), o.shape());
      case Op.Sum o -> aligned(real(0, 1), o.shape(), o.align(), o.shape());
      case Op.Dot o -> dot(o);
      case Op.MatMul o -> matMul(o);
      case Op.Gram o -> gram(o);
      case Op.SymmetricMatMul _ -> square(matMul(new Op.MatMul(false, false)));
      case Op.AddTransposed _ -> square(same(1));
      case Op.Svd _ -> svd();
      case Op.GroupedMatMul o -> groupedMatMul(o);
      case Op.GroupedOuter o -> groupedOuter(o);
      case Op.RmsNorm _ -> rmsNorm(real(0, 2), 1, false);
      case Op.RmsNormBackward _ -> rmsNormBackward();
      case Op.Softmax _ -> rows(same(1));
      case Op.SoftmaxBackward _ -> rows(same(2));
      case Op.LogSumExp _ -> {
        Shape x = rows(same(1)).getFirst().shape();
        yield List.of(Type.real(x.prefix(x.rank() - 1)));
      }
      case Op.Embedding _ -> embedding();
      case Op.EmbeddingBackward o -> embeddingBackward(o);
      case Op.Rope o -> {
        heads(real(0, 1), o.heads(), true);
        yield List.of(in.get(0));
      }
      case Op.CausalAttention o -> attention(o.heads());
      case Op.CausalAttentionBackward o -> attentionBackward(o.heads());
      case Op.CrossEntropy _ -> crossEntropy();
      case Op.CrossEntropyBackward _ -> crossEntropyBackward();
      case Op.TopK o -> topK(o);
      case Op.TakeColumns _ -> takeColumns();
      case Op.TakeColumnsBackward o -> takeColumnsBackward(o);
      case Op.Dispatch o -> dispatch(o);
      case Op.Counts _ -> List.of(Type.real(integers(0, 1, 1).dim(0) - 1));
      case Op.GatherTokens o -> gatherTokens(o);
      case Op.SumTokens o -> sumTokens(o);
      case Op.CombineTokens _ -> combineTokens();
      case Op.CombineTokensBackward _ -> combineTokensBackward();
      case Op.AdamW _ -> adamW();
      case Op.Assign _ -> {
        arity(2);
        want(1, in.get(0));
        yield List.of(in.get(0));
      }
    };
  }

  // ---- checks -------------------------------------------------------------------------------

  private ShapeException bad(String wanted) {
    return new ShapeException(op.name() + ": " + in + " given to " + op + ", wanted " + wanted);
  }

  private void arity(int n) {
    if (in.size() != n) {
      throw bad(n + " inputs");
    }
  }

  private void want(int i, Type type) {
    if (!in.get(i).equals(type)) {
      throw bad("input " + i + " of type " + type);
    }
  }

  private void want(boolean condition, String wanted) {
    if (!condition) {
      throw bad(wanted);
    }
  }

  /** The shape of real input i, of n inputs. */
  private Shape real(int i, int n) {
    arity(n);
    want(in.get(i).dtype() == DType.REAL, "a real tensor as input " + i);
    return in.get(i).shape();
  }

  private Shape real(int i, int n, int rank) {
    Shape s = real(i, n);
    want(s.rank() == rank, "input " + i + " of rank " + rank);
    return s;
  }

  private Shape integers(int i, int n, int rank) {
    arity(n);
    Type t = in.get(i);
    want(
        t.dtype() == DType.INT && t.shape().rank() == rank,
        "an integer tensor of rank " + rank + " as input " + i);
    return t.shape();
  }

  private List<Type> leaf(Type type) {
    arity(0);
    return List.of(type);
  }

  /** n real inputs of one shape, and an output like them. */
  private List<Type> same(int n) {
    Shape s = real(0, n);
    for (int i = 1; i < n; i++) {
      want(i, in.get(0));
    }
    return List.of(Type.real(s));
  }

  private List<Type> rows(List<Type> types) {
    want(types.getFirst().shape().rank() >= 1, "at least one dimension");
    return types;
  }

  private List<Type> aligned(Shape large, Shape small, Align align, Shape out) {
    want(fits(small, large, align), small + " as the " + align + " of " + large);
    return List.of(Type.real(out));
  }

  static boolean fits(Shape small, Shape large, Align align) {
    return small.rank() <= large.rank()
        && switch (align) {
          case PREFIX -> small.isPrefixOf(large);
          case SUFFIX -> large.suffix(large.rank() - small.rank()).equals(small);
        };
  }

  // ---- rules --------------------------------------------------------------------------------

  private List<Type> roundRobin(Op.RoundRobin o) {
    arity(0);
    want(o.k() >= 1 && o.k() <= o.experts(), "1 ≤ k ≤ experts");
    return List.of(Type.integer(o.tokens(), o.k()));
  }

  private List<Type> reshape(Op.Reshape o) {
    arity(1);
    want(in.get(0).shape().size() == o.shape().size(), "as many elements as " + o.shape());
    return List.of(new Type(o.shape(), in.get(0).dtype()));
  }

  private List<Type> slice(Op.Slice o) {
    arity(1);
    want(
        o.offset() >= 0 && (long) o.offset() + o.shape().size() <= in.get(0).shape().size(),
        "an offset and a shape that stay inside the input");
    return List.of(new Type(o.shape(), in.get(0).dtype()));
  }

  private List<Type> concat(Op.Concat o) {
    want(!in.isEmpty(), "at least one input");
    long total = 0;
    for (int i = 0; i < in.size(); i++) {
      total += real(i, in.size()).size();
    }
    want(total == o.shape().size(), "inputs that hold " + o.shape().size() + " elements together");
    return List.of(Type.real(o.shape()));
  }

  private List<Type> zip(Op.Zip o) {
    return aligned(real(0, 2), real(1, 2), o.align(), in.get(0).shape());
  }

  private List<Type> dot(Op.Dot o) {
    return kept(same(2).getFirst().shape(), o.keep());
  }

  private List<Type> kept(Shape s, int keep) {
    want(keep >= 0 && keep <= s.rank(), "keep between 0 and the rank");
    return List.of(Type.real(s.prefix(keep)));
  }

  private List<Type> square(List<Type> types) {
    Shape s = types.getFirst().shape();
    want(s.rank() >= 2 && s.dim(-2) == s.dim(-1), "stacks of square matrices");
    return types;
  }

  private List<Type> gram(Op.Gram o) {
    Shape x = real(0, 1);
    want(x.rank() >= 2, "a stack of matrices");
    int n = x.dim(o.rows() ? -2 : -1);
    return List.of(Type.real(x.prefix(x.rank() - 2).append(n, n)));
  }

  private List<Type> svd() {
    Shape x = real(0, 1);
    want(x.rank() >= 2, "a stack of matrices");
    Shape stack = x.prefix(x.rank() - 2);
    int k = Math.min(x.dim(-2), x.dim(-1));
    return List.of(
        Type.real(stack.append(x.dim(-2), k)),
        Type.real(stack.append(k)),
        Type.real(stack.append(x.dim(-1), k)));
  }

  private List<Type> matMul(Op.MatMul o) {
    Shape a = real(0, 2);
    Shape b = real(1, 2);
    int r = a.rank();
    want(r >= 2 && b.rank() == r, "two stacks of matrices of equal rank");
    want(a.prefix(r - 2).equals(b.prefix(r - 2)), "equal leading dimensions");
    int m = a.dim(o.transposeA() ? -1 : -2);
    int k = a.dim(o.transposeA() ? -2 : -1);
    int k2 = b.dim(o.transposeB() ? -1 : -2);
    int n = b.dim(o.transposeB() ? -2 : -1);
    want(k == k2, "equal inner dimensions, not " + k + " and " + k2);
    return List.of(Type.real(a.prefix(r - 2).append(m, n)));
  }

  private List<Type> groupedMatMul(Op.GroupedMatMul o) {
    Shape x = real(0, 3, 2);
    Shape w = real(1, 3, 3);
    want(integers(2, 3, 1).dim(0) == w.dim(0) + 1, "one offset more than experts");
    want(x.dim(1) == w.dim(o.transposeW() ? 2 : 1), "equal inner dimensions");
    return List.of(Type.real(x.dim(0), w.dim(o.transposeW() ? 1 : 2)));
  }

  private List<Type> groupedOuter(Op.GroupedOuter o) {
    Shape a = real(0, 3, 2);
    Shape b = real(1, 3, 2);
    want(a.dim(0) == b.dim(0), "equal numbers of rows");
    want(integers(2, 3, 1).dim(0) == o.experts() + 1, "one offset more than experts");
    return List.of(Type.real(o.experts(), a.dim(1), b.dim(1)));
  }

  private List<Type> rmsNorm(Shape x, int gain, boolean withGain) {
    want(x.rank() == 2, "rows [N, D]");
    want(gain, Type.real(x.dim(1)));
    return withGain ? List.of(Type.real(x), in.get(gain)) : List.of(Type.real(x));
  }

  private List<Type> rmsNormBackward() {
    Shape dy = real(0, 3);
    want(1, in.get(0));
    return rmsNorm(dy, 2, true);
  }

  private List<Type> embedding() {
    Shape table = real(0, 2, 2);
    want(in.get(1).dtype() == DType.INT, "integer ids as input 1");
    return List.of(Type.real(in.get(1).shape().append(table.dim(1))));
  }

  private List<Type> embeddingBackward(Op.EmbeddingBackward o) {
    Shape dy = real(0, 2);
    want(dy.rank() >= 1, "rows");
    want(1, new Type(dy.prefix(dy.rank() - 1), DType.INT));
    return List.of(Type.real(o.vocabulary(), dy.dim(-1)));
  }

  /** Checks qkv [B, T, 3D] and gives the head size. */
  private int heads(Shape qkv, int heads, boolean even) {
    want(qkv.rank() == 3 && qkv.dim(2) % 3 == 0, "qkv [B, T, 3D]");
    int d = qkv.dim(2) / 3;
    want(heads >= 1 && d % heads == 0, "D divisible by the number of heads");
    want(!even || d / heads % 2 == 0, "an even head size");
    return d / heads;
  }

  private List<Type> attention(int heads) {
    Shape qkv = real(0, 1);
    int d = heads(qkv, heads, false) * heads;
    return List.of(Type.real(qkv.dim(0), qkv.dim(1), d), Type.real(qkv.dim(0), heads, qkv.dim(1)));
  }

  private List<Type> attentionBackward(int heads) {
    Shape qkv = real(1, 4);
    int d = heads(qkv, heads, false) * heads;
    want(0, Type.real(qkv.dim(0), qkv.dim(1), d));
    want(2, Type.real(qkv.dim(0), qkv.dim(1), d));
    want(3, Type.real(qkv.dim(0), heads, qkv.dim(1)));
    return List.of(in.get(1));
  }

  private List<Type> crossEntropy() {
    Shape logits = real(0, 2, 2);
    want(1, Type.integer(logits.dim(0)));
    return List.of(Type.real(logits.dim(0)), Type.real(logits.dim(0)));
  }

  private List<Type> crossEntropyBackward() {
    Shape logits = real(0, 4, 2);
    want(1, Type.real(logits.dim(0)));
    want(2, Type.integer(logits.dim(0)));
    want(3, Type.real(logits.dim(0)));
    return List.of(Type.real(logits));
  }

  private List<Type> topK(Op.TopK o) {
    Shape scores = real(0, 1, 2);
    want(o.k() >= 1 && o.k() <= scores.dim(1), "1 ≤ k ≤ number of columns");
    return List.of(Type.integer(scores.dim(0), o.k()));
  }

  private List<Type> takeColumns() {
    Shape x = real(0, 2, 2);
    Shape index = integers(1, 2, 2);
    want(x.dim(0) == index.dim(0), "equal numbers of rows");
    return List.of(Type.real(index));
  }

  private List<Type> takeColumnsBackward(Op.TakeColumnsBackward o) {
    Shape dy = real(0, 2, 2);
    want(1, new Type(dy, DType.INT));
    return List.of(Type.real(dy.dim(0), o.columns()));
  }

  private List<Type> dispatch(Op.Dispatch o) {
    int rows = integers(0, 1, 2).size();
    return List.of(Type.integer(rows), Type.integer(o.experts() + 1));
  }

  private List<Type> gatherTokens(Op.GatherTokens o) {
    Shape x = real(0, 2, 2);
    want(integers(1, 2, 1).dim(0) == x.dim(0) * o.k(), "k rows for each of N tokens");
    return List.of(Type.real(x.dim(0) * o.k(), x.dim(1)));
  }

  private List<Type> sumTokens(Op.SumTokens o) {
    Shape z = real(0, 2, 2);
    want(z.dim(0) % o.k() == 0, "a number of rows divisible by k");
    want(1, Type.integer(z.dim(0)));
    return List.of(Type.real(z.dim(0) / o.k(), z.dim(1)));
  }

  private List<Type> combineTokens() {
    Shape z = real(0, 3, 2);
    Shape w = real(1, 3, 2);
    want(w.size() == z.dim(0), "one weight for each row");
    want(2, Type.integer(z.dim(0)));
    return List.of(Type.real(w.dim(0), z.dim(1)));
  }

  private List<Type> combineTokensBackward() {
    Shape dy = real(0, 4, 2);
    Shape z = real(1, 4, 2);
    Shape w = real(2, 4, 2);
    want(w.size() == z.dim(0) && w.dim(0) == dy.dim(0), "one weight for each row");
    want(z.dim(1) == dy.dim(1), "equal widths");
    want(3, Type.integer(z.dim(0)));
    return List.of(Type.real(z), Type.real(w));
  }

  private List<Type> adamW() {
    real(0, 11);
    for (int i = 1; i < 4; i++) {
      want(i, in.get(0));
    }
    for (int i = 4; i < 11; i++) {
      want(i, Type.real());
    }
    return List.of(in.get(0), in.get(0), in.get(0));
  }
}
