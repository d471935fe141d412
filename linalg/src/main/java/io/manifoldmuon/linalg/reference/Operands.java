package io.manifoldmuon.linalg.reference;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.graph.Graph;
import io.manifoldmuon.linalg.graph.Node;

/** The inputs of one node while it is evaluated, and the shapes that it is to produce. */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Operands(Node node, Graph graph, Object[] values) {

  /** The elements of real input i, not to be written. */
  double[] real(int i) {
    return (double[]) any(i);
  }

  /** The elements of integer input i, not to be written. */
  int[] ints(int i) {
    return (int[]) any(i);
  }

  /** The value of real input i of one element. */
  double scalar(int i) {
    return real(i)[0];
  }

  /** The elements of input i: {@code double[]} or {@code int[]}. */
  Object any(int i) {
    return values[node.inputs().get(i)];
  }

  /** The number of inputs. */
  int count() {
    return node.inputs().size();
  }

  /** The shape of input i. */
  Shape shape(int i) {
    return graph.type(node.inputs().get(i)).shape();
  }

  /** The shape of output i. */
  Shape outShape(int i) {
    return graph.type(node.outputs().get(i)).shape();
  }

  /** Input i, integers, each checked to be in 0 … bound−1. */
  int[] indices(int i, int bound) {
    int[] x = ints(i);
    for (int at = 0; at < x.length; at++) {
      if (x[at] < 0 || x[at] >= bound) {
        throw bad(i, at, x[at], "wanted 0 … " + (bound - 1));
      }
    }
    return x;
  }

  /** Input i, integers, checked to be a permutation of 0 … its length−1. */
  int[] permutation(int i) {
    int[] x = indices(i, ints(i).length);
    boolean[] seen = new boolean[x.length];
    for (int at = 0; at < x.length; at++) {
      if (seen[x[at]]) {
        throw bad(i, at, x[at], "wanted a permutation, this one is there twice");
      }
      seen[x[at]] = true;
    }
    return x;
  }

  /** Input i, the row ranges of the experts: from 0 to {@code rows}, never falling. */
  int[] offsets(int i, int rows) {
    int[] x = ints(i);
    for (int e = 0; e < x.length; e++) {
      int low = e == 0 ? 0 : x[e - 1];
      int high = e == 0 ? 0 : rows;
      if (x[e] < low || x[e] > high || (e == x.length - 1 && x[e] != rows)) {
        throw bad(i, e, x[e], "wanted offsets that run from 0 to " + rows + " and never fall");
      }
    }
    return x;
  }

  private IllegalArgumentException bad(int input, int at, int value, String wanted) {
    return new IllegalArgumentException(
        node.where() + ": input " + input + " has " + value + " at index " + at + ", " + wanted);
  }
}
