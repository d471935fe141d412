package io.manifoldmuon.linalg.graph;

import io.manifoldmuon.linalg.Shape;

/**
 * A tensor in a graph: the output of exactly one node, never changed after it.
 *
 * @param id the index of the value in its graph
 * @param type shape and element type
 * @param node the index of the node that produces it
 * @param builder the recording that it belongs to; values of different recordings do not mix
 */
public record Value(int id, Type type, int node, GraphBuilder builder) {

  /** The shape. */
  public Shape shape() {
    return type.shape();
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Value v && v.id == id && v.builder == builder;
  }

  @Override
  public int hashCode() {
    return id;
  }

  @Override
  public String toString() {
    return "%" + id + ":" + type;
  }
}
