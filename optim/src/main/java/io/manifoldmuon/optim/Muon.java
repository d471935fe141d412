package io.manifoldmuon.optim;

import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Unary;
import io.manifoldmuon.linalg.graph.Value;
import io.manifoldmuon.linalg.polar.Msign;
import io.manifoldmuon.linalg.polar.ShortSide;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Momentum made orthogonal, for matrices:
 *
 * <pre>
 *   B ← βB + (1−β)G      U = B, or (1−β)G + βB with Nesterov      O = msign(U)
 *   W ← W − η·λ·W − η·s·O
 * </pre>
 *
 * with s the {@link ShapeScaling} and msign by the products of a {@link
 * io.manifoldmuon.linalg.polar.PolarIteration}. The settings make it Muon, NorMuon (which equalises
 * the rows of O, see {@link NeuronNormalization}) or the plain form for nGPT. Stacks of matrices
 * are stepped together, each as if it were alone; a zero gradient with zero momentum moves nothing
 * but by decay.
 *
 * <p>For a parameter {@code w} the momentum is the variable {@code muon.b.w} and the mean square of
 * rows {@code muon.v.w}, with the optimizer's name in place of {@code muon}.
 *
 * <p><b>Source</b> Jordan 2024, "Muon: an optimizer for hidden layers in neural networks"; see
 * {@link MuonSettings} for the variants.
 */
public final class Muon extends MatrixOptimizer {
  /** In radians; the polynomials of {@link GreatCircle} hold somewhat beyond. */
  private static final double LARGEST_ANGLE = 1;

  private final MuonSettings settings;

  /** An optimizer whose parameters all learn at the same rate. */
  public Muon(String name, List<Parameter> parameters, MuonSettings settings, LrSchedule schedule) {
    this(name, parameters, settings, schedule, LrScaling.NONE);
  }

  /**
   * An optimizer of the given matrices.
   *
   * @param name the beginning of the names of its inputs and state
   */
  public Muon(
      String name,
      List<Parameter> parameters,
      MuonSettings settings,
      LrSchedule schedule,
      LrScaling scaling) {
    super(name, parameters, settings.lr(), schedule, scaling);
    rates.requireOneForEachMatrix();
    this.settings = settings;
    if (settings.update() != MuonUpdate.STRAIGHT) {
      requireUnitVectors();
    }
  }

  @Override
  void step(GraphBuilder g, Parameter p, Value gradient) {
    Value lr = rates.record(g, p);
    Momentum momentum = new Momentum(g.scalarInput(input("momentum")), settings.nesterov());
    Value U = momentum.record(g, gradient, momentumOf(p));
    Value msign = Msign.record(g, U, settings.polar());
    Value O = settings.neurons().map(neurons -> neurons.record(g, msign, rowsOf(p))).orElse(msign);
    Value W = decayed(g, p.value(g), O, lr);
    Value length = g.scale(lr, settings.scaling().factor(p.shape()));
    Value next =
        switch (settings.update()) {
          case STRAIGHT -> g.sub(W, g.mul(O, length));
          case GEODESIC, GEODESIC_BY_NORM -> alongCircles(g, p, W, O, length);
        };
    g.assign(p.variable(), next);
  }

  private Value alongCircles(GraphBuilder g, Parameter p, Value W, Value O, Value length) {
    UnitVectors v = new UnitVectors(g, p.unitVectors().orElseThrow(), p.shape());
    Value angle = // one for each vector
        switch (settings.update()) {
          case GEODESIC_BY_NORM -> g.mul(g.map(Unary.SQRT, v.dot(O, O)), length);
          case STRAIGHT, GEODESIC -> {
            Value ones = g.map(Unary.ABS, g.map(Unary.SIGN, v.dot(O, O))); // 0 stays where it is
            yield g.mul(ones, length);
          }
        };
    return GreatCircle.record(v, W, O, angle);
  }

  private void requireUnitVectors() {
    for (Parameter p : parameters()) {
      if (p.unitVectors().isEmpty()) {
        throw new IllegalArgumentException(
            "Muon: "
                + p.variable()
                + " has no unit vectors, which an update along great circles wants; use the"
                + " straight one, or a model that keeps unit vectors");
      }
      double factor = settings.scaling().factor(p.shape()) * longest(p);
      double angle = rates.highest(p) * factor;
      if (!(angle <= LARGEST_ANGLE)) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "Muon: a learning rate of %g of %s given, all factors on it included, wanted at"
                    + " most %g along great circles, where it makes an angle of %g and %g is the"
                    + " most; lower the rate or the factors",
                rates.highest(p),
                p.variable(),
                LARGEST_ANGLE / factor,
                angle,
                LARGEST_ANGLE));
      }
    }
  }

  /** The norm of the longest vector of O where angles go by it: a row or column, or all of O. */
  private double longest(Parameter p) {
    boolean whole = p.unitVectors().orElseThrow() == SphereMode.WHOLE;
    return settings.update() == MuonUpdate.GEODESIC_BY_NORM && whole
        ? Math.sqrt(ShortSide.length(p.shape()))
        : 1;
  }

  private Value decayed(GraphBuilder g, Value W, Value O, Value lr) {
    if (settings.weightDecay() == 0) {
      return W;
    }
    Value delta = g.mul(lr, g.scalarInput(input("decay")));
    return settings.cautious()
        ? WeightDecay.recordCautious(g, W, O, delta)
        : WeightDecay.record(g, W, delta);
  }

  @Override
  public void writeInputs(Program program, long step) {
    rates.write(program, step);
    program.write(input("momentum"), Tensor.scalar(settings.momentum()));
    if (settings.weightDecay() != 0) { // else the input is not part of the graph
      program.write(input("decay"), Tensor.scalar(settings.weightDecay()));
    }
  }

  @Override
  public List<StateVariable> state() {
    List<StateVariable> state = new ArrayList<>();
    for (Parameter p : parameters()) {
      state.add(momentumOf(p));
      if (settings.neurons().isPresent()) {
        state.add(rowsOf(p));
      }
    }
    return List.copyOf(state);
  }

  private StateVariable rowsOf(Parameter p) {
    return new StateVariable(stateName("v", p), NeuronNormalization.stateType(p.shape()));
  }
}
