package io.manifoldmuon.kernels.host;

import io.manifoldmuon.linalg.graph.Phase;
import java.util.ArrayList;
import java.util.List;

/**
 * The steps of a program in order, those on stacks of matrices joined, and those on small values
 * gathered into launches of their own.
 */
final class StepList {
  private final ProgramMemory memory;
  private final ProductLaunches products;
  private final SmallLaunches small;
  private final List<GraphCycle.Step> asked = new ArrayList<>();
  private final List<GraphCycle.Step> steps = new ArrayList<>();
  private Phase phase = Phase.FORWARD;

  StepList(ProgramMemory memory, ProductLaunches products) {
    this.memory = memory;
    this.products = products;
    this.small = new SmallLaunches(memory);
  }

  /** Adds the launches of a node. */
  void add(List<Launch> launches, Phase of, String where) {
    launches.forEach(launch -> asked.add(new GraphCycle.Step(launch, of, where)));
  }

  /** Adds a launch; a phase's small values are made before it ends. */
  private void add(GraphCycle.Step step) {
    if (step.phase() != phase) {
      flush();
      phase = step.phase();
    }
    if (small.canTake(step.launch())) {
      if (!small.hasRoom(step.launch())) {
        flush();
      }
      small.take(step.launch());
    } else {
      if (small.mustPrecede(step.launch())) {
        flush();
      }
      steps.add(step);
    }
  }

  private void flush() {
    small.flush().ifPresent(l -> steps.add(new GraphCycle.Step(l, phase, "small values")));
  }

  /** All steps; the codes of those that are data are the memory's from now on. */
  List<GraphCycle.Step> build() {
    List<GraphCycle.Step> joined =
        products.kernels() == ProductKernels.VECTOR
            ? MatrixRuns.join(asked, memory, products.units())
            : asked;
    joined.forEach(this::add);
    flush();
    memory.addCodes(small.codes());
    return steps;
  }
}
