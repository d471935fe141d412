package io.manifoldmuon.optim;

import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Phase;
import io.manifoldmuon.linalg.graph.Unary;
import io.manifoldmuon.linalg.graph.Value;
import java.util.List;
import java.util.Optional;

/**
 * Sets the {@linkplain Parameter#unitVectors() unit vectors} of parameters back to length 1 after
 * every k-th step, whatever optimizer took the step:
 *
 * <pre>  w ← w/‖w‖  after steps k, 2k, 3k, …</pre>
 *
 * <p><b>Error</b> | ‖w‖ − 1 | ≤ 2e-7 in float32 after such a step with k = 1, 3e-7 with others.
 *
 * <p><b>Source</b> Loshchilov et al. 2024, arXiv 2410.01131, section 2.6.
 */
final class UnitNorms {
  private static final String NAME = "unit_norms";
  private static final String DUE = NAME + ".due";

  private final List<Parameter> parameters;
  private final int every;

  /**
   * The unit vectors of some parameters.
   *
   * @param every k, at least 1
   */
  UnitNorms(List<Parameter> parameters, int every) {
    if (every < 1) {
      throw new IllegalArgumentException(
          "UnitNorms: normalisation after every " + every + " steps given, wanted at least 1");
    }
    this.parameters = parameters.stream().filter(p -> p.unitVectors().isPresent()).toList();
    this.every = every;
  }

  /** Records the normalisation after the optimizers' own assignments. */
  void record(GraphBuilder g) {
    if (!parameters.isEmpty()) {
      Value due = every == 1 ? null : g.scalarInput(DUE);
      normalize(g, due);
    }
  }

  /** Records the normalisation of all, whatever the step. */
  void recordRetraction(GraphBuilder g) {
    normalize(g, null);
  }

  private void normalize(GraphBuilder g, Value due) {
    for (Parameter p : parameters) {
      g.phase(
          Phase.OPTIMIZER,
          () -> g.scope(NAME + "." + p.variable(), () -> g.assign(p.variable(), next(g, p, due))));
    }
  }

  private static Value next(GraphBuilder g, Parameter p, Value due) {
    UnitVectors v = vectors(g, p);
    Value w = p.value(g);
    if (due == null) {
      return v.normalized(w);
    }
    Value one = g.constant(1);
    Value reciprocal = g.map(Unary.RECIPROCAL, v.length(v.dot(w, w)));
    return v.times(w, g.add(g.mul(g.sub(reciprocal, one), due), one)); // 1 + due·(1/‖w‖ − 1)
  }

  private static UnitVectors vectors(GraphBuilder g, Parameter p) {
    return new UnitVectors(g, p.unitVectors().orElseThrow(), p.shape());
  }

  /** Writes whether this is a k-th step. */
  void writeInputs(Program program, long step) {
    if (every > 1 && !parameters.isEmpty()) {
      program.write(DUE, Tensor.scalar((step + 1) % every == 0 ? 1.0 : 0.0));
    }
  }

  /** | ‖w‖ − 1 |; between normalisations it is only measured. */
  List<Constraint> constraints() {
    double tolerance = every == 1 ? UnitVectors.TOLERANCE : Double.POSITIVE_INFINITY;
    return parameters.stream()
        .map(
            p ->
                new Constraint(
                    NAME,
                    "sphere",
                    p,
                    tolerance,
                    g -> vectors(g, p).residual(p.value(g)),
                    Optional.empty()))
        .toList();
  }
}
