package io.manifoldmuon.kernels.host;

import io.manifoldmuon.linalg.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Finds launches on stacks of matrices that follow each other, as the steps of a Newton–Schulz
 * chain or of a dual solver do, and makes one launch of each such run, where the members of the
 * stack are enough for the device's units.
 */
final class MatrixRuns {
  private final ProgramMemory memory;
  private final int units;
  private final List<GraphCycle.Step> all;
  private final List<GraphCycle.Step> joined = new ArrayList<>();
  private MatrixRun run;

  private MatrixRuns(ProgramMemory memory, int units, List<GraphCycle.Step> all) {
    this.memory = memory;
    this.units = units;
    this.all = all;
  }

  /** The same launches, runs of them joined. */
  static List<GraphCycle.Step> join(
      List<GraphCycle.Step> launches, ProgramMemory memory, int units) {
    MatrixRuns runs = new MatrixRuns(memory, units, launches);
    for (int i = 0; i < launches.size(); i++) {
      runs.add(i);
    }
    runs.end(launches.size());
    return runs.joined;
  }

  private void add(int index) {
    GraphCycle.Step step = all.get(index);
    KernelCode.checkOperands(step.launch());
    Predicate<Buffer> needed = b -> isNeeded(b, index + 1);
    if (run != null) {
      boolean phase = run.launches().getFirst().phase() == step.phase();
      if (phase && run.take(step, needed)) {
        return;
      }
      if (phase && !run.suits(step.launch()) && run.letsPass(step.launch())) {
        joined.add(step);
        return;
      }
      end(index);
    }
    for (int count : members(step.launch())) {
      run = new MatrixRun(count);
      if (run.take(step, needed)) {
        return;
      }
      run = null;
    }
    joined.add(step);
  }

  /** How many members a run that begins with a launch may have: matrices of a stack, or rows. */
  private List<Integer> members(Launch l) {
    Shape y = l.writes().getFirst().shape();
    if (MatrixStep.of(l).isEmpty() || memory.values().holds(l.writes().getFirst())) {
      return List.of();
    }
    List<Integer> counts = new ArrayList<>();
    if (y.rank() == 3) {
      counts.add(y.dim(0));
    }
    if (y.rank() > 1) {
      counts.add(y.size() / y.dim(-1));
    }
    counts.removeIf(count -> count < units || (count < 4 * units && count % units != 0));
    return counts;
  }

  private void end(int index) {
    if (run == null) {
      return;
    }
    if (run.isWorthIt()) {
      GraphCycle.Step first = run.launches().getFirst();
      Launch launch = run.launch(b -> isNeeded(b, index), memory);
      joined.add(new GraphCycle.Step(launch, first.phase(), first.where()));
    } else {
      joined.addAll(run.launches());
    }
    run = null;
  }

  /** Whether what lies in a place is read from launch {@code index} on, or after the replay. */
  private boolean isNeeded(Buffer b, int index) {
    for (int i = index; i < all.size(); i++) {
      Launch l = all.get(i).launch();
      if (l.reads().stream().anyMatch(r -> MatrixRun.overlap(r, b))) {
        return true;
      }
      if (l.writes().stream().anyMatch(w -> covers(w, b))) {
        return false;
      }
    }
    return memory.outlivesReplay(b);
  }

  private static boolean covers(Buffer w, Buffer b) {
    return MatrixRun.overlap(w, b)
        && w.offset() <= b.offset()
        && b.offset() + b.size() <= w.offset() + w.size();
  }
}
