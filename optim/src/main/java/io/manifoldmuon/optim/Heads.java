package io.manifoldmuon.optim;

import io.manifoldmuon.linalg.Shape;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How the matrices of an attention parameter consist of heads: H blocks of consecutive rows (a
 * projection to queries, keys or values, whose outputs belong to heads) or of consecutive columns
 * (a projection back, whose inputs do).
 *
 * @param count H
 * @param sides for each matrix along the first dimension of a stack, which side has the heads; one
 *     for a single matrix; none where there are no heads
 */
public record Heads(int count, List<Side> sides) {
  /** Of a parameter without heads. */
  public static final Heads NONE = new Heads(1, List.of());

  /** Which side of a matrix [fanOut, fanIn] the heads divide. */
  public enum Side {
    /** The rows: each head is a block [fanOut/H, fanIn]. */
    OUTPUTS,
    /** The columns: each head is a block [fanOut, fanIn/H]. */
    INPUTS
  }

  public Heads {
    sides = List.copyOf(sides);
    if (count < 1) {
      throw new IllegalArgumentException("Heads: " + count + " heads given, wanted at least one");
    }
  }

  /** Of a stack in which the same matrices follow one another, {@code times} times. */
  public static Heads repeated(int count, int times, Side... sides) {
    return new Heads(
        count, IntStream.range(0, times).boxed().flatMap(_ -> List.of(sides).stream()).toList());
  }

  /** Whether there are several. */
  boolean several() {
    return count > 1 && !sides.isEmpty();
  }

  /** Throws unless they can divide a parameter's shape. */
  void requireFit(String parameter, Shape shape) {
    if (sides.isEmpty()) {
      return;
    }
    boolean stack = shape.rank() == 3 && shape.dim(0) == sides.size();
    boolean single = shape.rank() == 2 && sides.size() == 1;
    if (!stack && !single) {
      throw refused(parameter, shape, "one side for each matrix of a stack [n, fanOut, fanIn]");
    }
    if (sides.contains(Side.INPUTS) && shape.dim(-2) != shape.dim(-1)) {
      throw refused(parameter, shape, "square matrices where heads divide the inputs");
    }
    if (shape.dim(-2) % count != 0) {
      throw refused(parameter, shape, "a side that " + count + " divides");
    }
  }

  private IllegalArgumentException refused(String parameter, Shape shape, String wanted) {
    return new IllegalArgumentException(
        "Parameter: " + parameter + " " + shape + " with " + this + " given, wanted " + wanted);
  }

  /** Short, because parameters stand in messages. */
  @Override
  public String toString() {
    return sides.isEmpty() ? "no heads" : count + " heads in " + sides.size() + " matrices";
  }
}
