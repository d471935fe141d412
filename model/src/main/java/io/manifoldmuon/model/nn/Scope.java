package io.manifoldmuon.model.nn;

import io.manifoldmuon.linalg.graph.GraphBuilder;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/** Scopes of a recording for code that gives back what it recorded. */
final class Scope {
  private Scope() {}

  /** Records {@code body} under a name, nested with a dot, and gives its result. */
  static <T> T in(GraphBuilder g, String name, Supplier<T> body) {
    var result = new AtomicReference<T>();
    g.scope(name, () -> result.set(body.get()));
    return result.get();
  }
}
