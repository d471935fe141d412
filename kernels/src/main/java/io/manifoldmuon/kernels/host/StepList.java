package io.manifoldmuon.kernels.host;

import io.manifoldmuon.linalg.graph.Phase;
import java.util.ArrayList;
import java.util.List;

/** The steps of a program in order, those on small values gathered into launches of their own. */
final class StepList {
  private final ProgramMemory memory;
  private final SmallLaunches small;
  private final List<GraphCycle.Step> steps = new ArrayList<>();
  private Phase phase = Phase.FORWARD;

  StepList(ProgramMemory memory) {
    this.memory = memory;
    this.small = new SmallLaunches(memory);
  }

  /** Adds the launches of a node; a phase's small values are made before it ends. */
  void add(List<Launch> launches, Phase of, String where) {
    if (of != phase) {
      flush();
      phase = of;
    }
    for (Launch launch : launches) {
      if (!small.takes(launch)) {
        if (small.mustPrecede(launch)) {
          flush();
        }
        steps.add(new GraphCycle.Step(launch, phase, where));
      }
    }
  }

  private void flush() {
    small.flush().ifPresent(l -> steps.add(new GraphCycle.Step(l, phase, "small values")));
  }

  /** All steps; the codes of those on small values are the memory's from now on. */
  List<GraphCycle.Step> build() {
    flush();
    memory.addCodes(small.codes());
    return steps;
  }
}
