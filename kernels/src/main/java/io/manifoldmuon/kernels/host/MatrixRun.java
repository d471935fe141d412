package io.manifoldmuon.kernels.host;

import io.manifoldmuon.kernels.device.MatrixSteps;
import io.manifoldmuon.kernels.device.RowSteps;
import io.manifoldmuon.kernels.host.MatrixStep.OnRows;
import io.manifoldmuon.kernels.host.SmallStep.Operand;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Launches on stacks of {@code count} matrices, or on the rows of {@code count} blocks, that become
 * one launch of {@link MatrixSteps} or of {@link RowSteps}.
 */
final class MatrixRun {
  /** The operations of launches on matrices, without products, that are worth joining. */
  private static final double LITTLE = 2e6;

  /** A place that members read where it is, or write to where an index leads. */
  private record Foreign(Buffer buffer, boolean written) {}

  private final int count;
  private final List<GraphCycle.Step> launches = new ArrayList<>();
  private final List<GraphCycle.Step> later = new ArrayList<>();
  private final List<Foreign> foreign = new ArrayList<>();
  private final MatrixRunCode code;
  private int products;
  private int onMatrices;
  private int onRows;

  MatrixRun(int count) {
    this.count = count;
    this.code = new MatrixRunCode(count);
  }

  List<GraphCycle.Step> launches() {
    return launches;
  }

  /** Whether members are blocks of rows for certain. */
  boolean isOnRows() {
    return onRows > 0;
  }

  /** The launches that were put off until after the run, in order. */
  List<GraphCycle.Step> later() {
    return later;
  }

  /**
   * Whether one launch is better than those that it is made of: where nothing is multiplied and no
   * rows are passed on, only for so little work that launches cost more.
   */
  boolean isWorthIt() {
    double flops = launches.stream().mapToDouble(l -> l.launch().flops()).sum();
    if (onRows > 0) {
      return launches.size() > 1;
    }
    return products > 0 ? launches.size() > 2 : launches.size() > 3 && flops < LITTLE;
  }

  // ---- growing ------------------------------------------------------------------------------

  /**
   * Takes a launch, if it can be a step.
   *
   * @param needed whether a place is read after this launch, without being written before
   */
  boolean take(GraphCycle.Step launch, Predicate<Buffer> needed) {
    MatrixStep step = MatrixStep.of(launch.launch()).filter(s -> s.suits(count)).orElse(null);
    if (step == null || !fits(step) || !isFreeOfLater(launch.launch())) {
      return false;
    }
    if (!code.hasRoom(step, isSplit(step), b -> needed.test(b) || isReadLater(b))) {
      return false;
    }
    append(step);
    launches.add(launch);
    return true;
  }

  /** Whether a launch could be a step of such a run, if there were room. */
  boolean suits(Launch launch) {
    return MatrixStep.of(launch).filter(s -> s.suits(count)).isPresent();
  }

  private boolean isSplit(MatrixStep step) {
    return count > 1 && step.splitsRows(count);
  }

  /** Whether only {@link RowSteps} has the step. */
  private boolean isOnRows(MatrixStep step) {
    return step.rows() != null || isSplit(step) || step.isRepeat(count);
  }

  /** Whether only {@link MatrixSteps} has the step. */
  private boolean isOnMatrices(MatrixStep step) {
    return !isOnRows(step) && step.isOfMatrices();
  }

  private boolean fits(MatrixStep step) {
    if ((onRows > 0 && isOnMatrices(step)) || (onMatrices > 0 && isOnRows(step))) {
      return false;
    }
    boolean split = isSplit(step);
    for (int i = 0; i < step.operands().size(); i++) {
      Operand o = step.operands().get(i);
      boolean inPlace = split && i == 1;
      if (inPlace ? !canBeReadInPlace(o.buffer()) : !canBeRead(o.buffer(), isShared(step, o))) {
        return false;
      }
    }
    OnRows rows = step.rows();
    if (rows != null && !fits(rows)) {
      return false;
    }
    return canBeWritten(step.y())
        && (rows == null || rows.also() == null || canBeWritten(rows.also()));
  }

  private boolean fits(OnRows rows) {
    return rows.shared().stream().allMatch(b -> canBeRead(b, true))
        && (rows.index() == null || canBeRead(rows.index(), false))
        && (rows.gathered() == null || canBeReadInPlace(rows.gathered()))
        && (rows.scattered() == null || canBeWrittenInPlace(rows.scattered()));
  }

  /** Whether all members read the whole operand. */
  private boolean isShared(MatrixStep step, Operand o) {
    return step.isRepeat(count) || (MatrixStep.isOne(o) && !isOwn(step, o));
  }

  private boolean isOwn(MatrixStep step, Operand o) {
    return count == 1 || step.isOneEach(o, count);
  }

  private boolean canBeRead(Buffer b, boolean shared) {
    return code.share().agrees(b, shared)
        && foreign.stream().noneMatch(f -> f.written && overlap(f, b));
  }

  private boolean canBeReadInPlace(Buffer b) {
    return !code.share().writes(b) && foreign.stream().noneMatch(f -> f.written && overlap(f, b));
  }

  private boolean canBeWritten(Buffer b) {
    return code.share().agrees(b, false)
        && !code.share().shares(b)
        && foreign.stream().noneMatch(f -> overlap(f, b));
  }

  private boolean canBeWrittenInPlace(Buffer b) {
    return !code.share().touches(b) && foreign.stream().noneMatch(f -> overlap(f, b));
  }

  private static boolean overlap(Foreign f, Buffer b) {
    return overlap(f.buffer, b);
  }

  @SuppressWarnings("ReferenceEquality") // the same memory, not equal contents
  static boolean overlap(Buffer a, Buffer b) {
    return a.array() == b.array()
        && a.offset() < b.offset() + b.size()
        && b.offset() < a.offset() + a.size();
  }

  private void append(MatrixStep step) {
    boolean split = isSplit(step);
    code.append(step, split, o -> isShared(step, o));
    OnRows rows = step.rows();
    if (split) {
      foreign.add(new Foreign(step.operands().get(1).buffer(), false));
    }
    if (rows != null && rows.gathered() != null) {
      foreign.add(new Foreign(rows.gathered(), false));
    }
    if (rows != null && rows.scattered() != null) {
      foreign.add(new Foreign(rows.scattered(), true));
    }
    if (step.isProduct()) {
      products++;
    }
    if (isOnRows(step)) {
      onRows++;
    } else if (isOnMatrices(step)) {
      onMatrices++;
    }
  }

  // ---- dependencies -------------------------------------------------------------------------

  /** Whether a launch may run before this run, although it was asked for after it. */
  boolean letsPass(Launch l) {
    return isFreeOfLater(l)
        && l.reads().stream()
            .noneMatch(
                b ->
                    code.share().writes(b)
                        || foreign.stream().anyMatch(f -> f.written && overlap(f, b)))
        && l.writes().stream()
            .noneMatch(
                b -> code.share().touches(b) || foreign.stream().anyMatch(f -> overlap(f, b)));
  }

  /** Puts a launch off until after the run; what the run takes from now on must allow for it. */
  void putOff(GraphCycle.Step step) {
    later.add(step);
  }

  /** Whether a launch may run before those that were put off, although it was asked for later. */
  private boolean isFreeOfLater(Launch l) {
    return later.stream()
        .map(GraphCycle.Step::launch)
        .allMatch(
            o ->
                apart(l.reads().stream(), o.writes())
                    && apart(l.writes().stream(), o.writes())
                    && apart(l.writes().stream(), o.reads()));
  }

  private static boolean apart(Stream<Buffer> some, List<Buffer> others) {
    return some.noneMatch(b -> others.stream().anyMatch(o -> overlap(o, b)));
  }

  private boolean isReadLater(Buffer b) {
    return later.stream().anyMatch(l -> l.launch().reads().stream().anyMatch(r -> overlap(r, b)));
  }

  // ---- the launch ---------------------------------------------------------------------------

  /**
   * The one launch of all steps.
   *
   * @param needed whether a place is read after the run
   */
  Launch launch(Predicate<Buffer> needed, ProgramMemory memory) {
    double flops = launches.stream().mapToDouble(l -> l.launch().flops()).sum();
    Predicate<Buffer> read = b -> needed.test(b) || isReadLater(b);
    return code.launch(isOnRows(), launches.size(), flops, read, memory);
  }
}
