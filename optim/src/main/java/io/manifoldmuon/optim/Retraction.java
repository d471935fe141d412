package io.manifoldmuon.optim;

import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import java.util.Optional;

/**
 * Brings the weights that an engine holds back to the manifolds of an optimizer: after the steps at
 * which it is due, where steps themselves do not retract, and after every {@value #CHECK_EVERY}th
 * step for as long as the measured residual exceeds the tolerance. A program of its own.
 */
public final class Retraction implements AutoCloseable {
  private static final int MOST_ROUNDS = 8;
  private static final int CHECK_EVERY = 100;

  private final Optimizer optimizer;
  private final ConstraintCheck check;
  private final Program program;

  /** Compiles the retraction of an optimizer; without constraints there is nothing to do. */
  public Retraction(Engine engine, Optimizer optimizer) {
    this.optimizer = optimizer;
    this.check = new ConstraintCheck(engine, optimizer);
    if (optimizer.constraints().isEmpty()) {
      this.program = null;
    } else {
      GraphBuilder g = new GraphBuilder();
      optimizer.recordRetraction(g);
      this.program = engine.compile(g.build());
    }
  }

  /**
   * To be called after every step.
   *
   * @param step the number of steps done before that one, as in {@link Optimizer#writeInputs}
   * @return what was found and done, if the residual was above the tolerance
   */
  public Optional<Outcome> afterStep(long step) {
    if (program == null) {
      return Optional.empty();
    }
    if (optimizer.retractionDue(step)) {
      program.run();
    }
    return (step + 1) % CHECK_EVERY == 0
        ? Optional.of(restore()).filter(outcome -> outcome.rounds() > 0)
        : Optional.empty();
  }

  /**
   * Measures the residuals, and retracts and measures again while one exceeds the tolerance of its
   * constraint.
   *
   * @param before what was found at first
   * @param after what is left
   * @param rounds how often it was retracted; at {@value #MOST_ROUNDS} it is given up, and {@code
   *     after} exceeds the tolerance
   */
  public record Outcome(ConstraintCheck.Report before, ConstraintCheck.Report after, int rounds) {}

  /** Measures, and mends what is off. */
  public Outcome restore() {
    ConstraintCheck.Report before = check.run();
    ConstraintCheck.Report after = before;
    int rounds = 0;
    while (program != null && !after.holds() && rounds < MOST_ROUNDS) {
      program.run();
      rounds++;
      after = check.run();
    }
    return new Outcome(before, after, rounds);
  }

  /** Measures only. */
  public ConstraintCheck.Report measure() {
    return check.run();
  }

  @Override
  public void close() {
    check.close();
    if (program != null) {
      program.close();
    }
  }
}
