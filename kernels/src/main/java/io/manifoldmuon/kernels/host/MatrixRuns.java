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
  /** How many launches at most are put off until after a run. */
  private static final int MOST_LATER = 8;

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
      switch (fate(run, step, needed)) {
        case TAKEN -> {
          return;
        }
        case BEFORE -> {
          joined.add(step);
          return;
        }
        case AFTER -> {
          run.putOff(step);
          return;
        }
        case NONE -> end(index);
      }
    }
    int best = 0;
    int most = 0;
    for (int count : members(step.launch())) {
      int length = length(index, count);
      if (length > most) {
        best = count;
        most = length;
      }
    }
    if (most > 0) {
      run = new MatrixRun(best);
      run.take(step, needed);
    } else {
      joined.add(step);
    }
  }

  /** What becomes of a launch that follows a run. */
  private enum Fate {
    TAKEN,
    BEFORE,
    AFTER,
    NONE
  }

  private static Fate fate(MatrixRun run, GraphCycle.Step step, Predicate<Buffer> needed) {
    if (run.launches().getFirst().phase() != step.phase()) {
      return Fate.NONE;
    }
    if (run.take(step, needed)) {
      return Fate.TAKEN;
    }
    if (run.suits(step.launch())) {
      return Fate.NONE;
    }
    if (run.letsPass(step.launch())) {
      return Fate.BEFORE;
    }
    return run.isOnRows() && run.later().size() < MOST_LATER ? Fate.AFTER : Fate.NONE;
  }

  /** How many launches a run of so many members takes that begins here. */
  private int length(int index, int count) {
    MatrixRun trial = new MatrixRun(count);
    if (!trial.take(all.get(index), b -> isNeeded(b, index + 1))) {
      return 0;
    }
    for (int i = index + 1; i < all.size(); i++) {
      int next = i + 1;
      switch (fate(trial, all.get(i), b -> isNeeded(b, next))) {
        case AFTER -> trial.putOff(all.get(i));
        case NONE -> {
          return trial.launches().size();
        }
        case TAKEN, BEFORE -> {}
      }
    }
    return trial.launches().size();
  }

  /** How many members a run that begins with a launch may have: matrices of a stack, or rows. */
  private List<Integer> members(Launch l) {
    MatrixStep step = MatrixStep.of(l).orElse(null);
    if (step == null || l.writes().stream().anyMatch(memory.values()::holds)) {
      return List.of();
    }
    Shape y = step.y().shape();
    List<Integer> counts = new ArrayList<>();
    if (step.rows() == null && y.rank() == 3) {
      counts.add(y.dim(0));
    }
    if (step.rows() != null || y.rank() > 1) {
      int rows = step.rows() != null ? step.rows().count() : y.size() / y.dim(-1);
      counts.add(blocks(rows));
      counts.add(rows);
    }
    counts.removeIf(count -> !keepsBusy(count));
    return counts;
  }

  /** Blocks of as many rows as are summed in one piece, or of the next fewer that divide them. */
  private int blocks(int rows) {
    int length = Math.min(rows, Pieces.ofColumns(rows).length());
    while (length > 1 && (rows % length != 0 || !keepsBusy(rows / length))) {
      length--;
    }
    return rows / length;
  }

  /** Whether so many members leave no unit of the device idle for long. */
  private boolean keepsBusy(int count) {
    return count >= 4 * units || (count >= units && count % units == 0);
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
    joined.addAll(run.later());
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
