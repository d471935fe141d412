package io.manifoldmuon.optim;

import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Phase;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures how well an optimizer solves: the problem of the momentum at the weights that the engine
 * holds now, from the solver's state, as the next step would if its gradient were the momentum. It
 * is a program of its own, so that steps which nobody looks at pay nothing, and it changes nothing.
 */
public final class SolverCheck implements AutoCloseable {
  private final List<Solve> solves;
  private final Program program;

  /** Compiles the check; of an optimizer that solves nothing, {@link #run} is empty. */
  public SolverCheck(Engine engine, Optimizer optimizer) {
    this.solves = optimizer.solves();
    GraphBuilder g = new GraphBuilder();
    g.phase(
        Phase.OPTIMIZER,
        () -> solves.forEach(s -> SolverReport.output(g, prefix(s), s.certificate().apply(g))));
    this.program = solves.isEmpty() ? null : engine.compile(g.build());
  }

  private static String prefix(Solve s) {
    return s.parameter().variable();
  }

  /** Solves and certifies, parameter by parameter. */
  public Map<Solve, SolverReport> run() {
    Map<Solve, SolverReport> all = new LinkedHashMap<>();
    if (program != null) {
      program.run();
      solves.forEach(s -> all.put(s, SolverReport.read(program, prefix(s))));
    }
    return all;
  }

  @Override
  public void close() {
    if (program != null) {
      program.close();
    }
  }
}
