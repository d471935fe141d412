package io.manifoldmuon.emulated;

import static io.manifoldmuon.emulated.Planted.fails;
import static io.manifoldmuon.emulated.Runs.counting;
import static io.manifoldmuon.emulated.Runs.grid;
import static org.assertj.core.api.Assertions.assertThat;
import static uk.ac.manchester.tornado.api.enums.DataTransferMode.EVERY_EXECUTION;

import io.manifoldmuon.emulator.EmulatorException;
import io.manifoldmuon.emulator.Fault;
import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task2;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** One planted race, or barrier that not all reach, for each kind that the emulator has to find. */
class RacesTest {
  public static void allWriteOne(KernelContext context, FloatArray x, FloatArray y) {
    y.set(3, x.get(context.globalIdx));
  }

  @Test
  void twoWorkItemsWriteOneElement() {
    EmulatorException e = fails(RacesTest::allWriteOne);
    assertThat(e.fault()).isEqualTo(Fault.RACE);
    assertThat(e)
        .hasMessageContainingAll(
            "writes element 3 of y", "[1, 0, 0]", "[0, 0, 0]", "globalBarrier");
  }

  public static void readsTheNeighbours(KernelContext context, FloatArray x, FloatArray y) {
    int i = context.globalIdx;
    x.set(i, 2 * x.get((i + 7) % 8));
  }

  @Test
  void oneReadsWhatAnotherWrites() {
    EmulatorException e = fails(RacesTest::readsTheNeighbours);
    assertThat(e.fault()).isEqualTo(Fault.RACE);
    assertThat(e).hasMessageContaining("of x");
  }

  public static void readsAcrossGroups(KernelContext context, FloatArray x, FloatArray y) {
    int i = context.globalIdx;
    float other = x.get((i + 4) % 8);
    context.globalBarrier();
    x.set(i, other);
  }

  @Test
  void aBarrierDoesNotOrderGroups() {
    EmulatorException e = fails(RacesTest::readsAcrossGroups);
    assertThat(e.fault()).isEqualTo(Fault.RACE);
    assertThat(e).hasMessageContainingAll("of x", "groups run in any order");
  }

  public static void wrongBarrier(KernelContext context, FloatArray x, FloatArray y) {
    int i = context.globalIdx;
    y.set(i, 1f);
    context.localBarrier();
    x.set(i, y.get(i / 4 * 4));
  }

  @Test
  void aLocalBarrierDoesNotOrderGlobalArrays() {
    EmulatorException e = fails(RacesTest::wrongBarrier);
    assertThat(e.fault()).isEqualTo(Fault.RACE);
    assertThat(e).hasMessageContainingAll("reads element 0 of y", "without a globalBarrier");
  }

  public static void localRace(KernelContext context, FloatArray x, FloatArray y) {
    float[] part = context.allocateFloatLocalArray(4);
    part[context.localIdx] = x.get(context.globalIdx);
    y.set(context.globalIdx, part[3 - context.localIdx]);
  }

  @Test
  void aLocalArrayNeedsABarrier() {
    EmulatorException e = fails(RacesTest::localRace);
    assertThat(e.fault()).isIn(Fault.RACE, Fault.UNDEFINED);
    assertThat(e).hasMessageContaining("local array");
  }

  public static void localWriteAfterRead(KernelContext context, FloatArray x, FloatArray y) {
    float[] part = context.allocateFloatLocalArray(4);
    part[context.localIdx] = x.get(context.globalIdx);
    context.localBarrier();
    float other = part[3 - context.localIdx];
    part[context.localIdx] = other;
    y.set(context.globalIdx, other);
  }

  @Test
  void aLocalArrayNeedsABarrierBeforeItIsWrittenAgain() {
    EmulatorException e = fails(RacesTest::localWriteAfterRead);
    assertThat(e.fault()).isEqualTo(Fault.RACE);
    assertThat(e).hasMessageContainingAll("local array 0 (float[4])", "localBarrier");
  }

  private static EmulatorException failsOnInts(Task2<KernelContext, IntArray> kernel) {
    IntArray x = new IntArray(8);
    TaskGraph graph =
        new TaskGraph("g")
            .transferToDevice(EVERY_EXECUTION, x)
            .task("t", kernel, new KernelContext(), x)
            .transferToHost(EVERY_EXECUTION, x);
    return fails(graph, grid(8, 4));
  }

  public static void zeroesAndAdds(KernelContext context, IntArray x) {
    if (context.globalIdx == 0) {
      x.set(0, 0);
    }
    context.atomicAdd(x, 0, 1);
  }

  public static void zeroesAndAddsLocally(KernelContext context, IntArray x) {
    int[] sum = context.allocateIntLocalArray(1);
    if (context.localIdx == 0) {
      sum[0] = 0;
    }
    context.atomicAdd(sum, 0, 1);
    context.localBarrier();
    x.set(context.globalIdx, sum[0]);
  }

  @Test
  void aWriteRacesWithAtomicAdditions() {
    EmulatorException e = failsOnInts(RacesTest::zeroesAndAdds);
    assertThat(e.fault()).isEqualTo(Fault.RACE);
    assertThat(e).hasMessageContainingAll("changes element 0 of x", "[1, 0, 0]", "[0, 0, 0]");
    EmulatorException local = failsOnInts(RacesTest::zeroesAndAddsLocally);
    assertThat(local.fault()).isEqualTo(Fault.RACE);
    assertThat(local).hasMessageContainingAll("changes element 0 of local array", "localBarrier");
  }

  public static void addsAndWrites(KernelContext context, IntArray x) {
    context.atomicAdd(x, 0, 1);
    if (context.globalIdx == 7) {
      x.set(0, 0);
    }
  }

  public static void addsAndReads(KernelContext context, IntArray x) {
    context.atomicAdd(x, 0, 1);
    x.set(context.globalIdx, x.get(0));
  }

  @Test
  void atomicAdditionsRaceWithReadsAndWrites() {
    EmulatorException e = failsOnInts(RacesTest::addsAndWrites);
    assertThat(e.fault()).isEqualTo(Fault.RACE);
    assertThat(e).hasMessageContainingAll("writes element 0 of x", "groups run in any order");
    assertThat(failsOnInts(RacesTest::addsAndReads).fault()).isEqualTo(Fault.RACE);
  }

  public static void addsInTurns(KernelContext context, IntArray x) {
    int[] sum = context.allocateIntLocalArray(1);
    if (context.localIdx == 0) {
      sum[0] = 0;
      context.atomicAdd(sum, 0, 1);
    }
    context.localBarrier();
    context.atomicAdd(sum, 0, 1);
    context.localBarrier();
    if (context.localIdx == 0) {
      context.atomicAdd(sum, 0, 5);
      sum[0] *= 2;
    }
    context.localBarrier();
    x.set(context.globalIdx, sum[0]);
  }

  @Test
  void barriersOrderAtomicAdditions() {
    assertThat(failsOnInts(RacesTest::addsInTurns)).isNull();
  }

  public static void readsBeforeALocalBarrier(KernelContext context, FloatArray x, FloatArray y) {
    y.set(context.globalIdx, x.get(context.groupIdx));
    context.localBarrier();
    if (context.localIdx == 0) {
      x.set(context.groupIdx, 0f);
    }
  }

  @Test
  void theFirstOfSeveralReadersWrites() {
    EmulatorException e = fails(RacesTest::readsBeforeALocalBarrier);
    assertThat(e.fault()).isEqualTo(Fault.RACE);
    assertThat(e)
        .hasMessageContainingAll("another work-item of its group", "without a globalBarrier");
  }

  public static void halfABarrier(KernelContext context, FloatArray x, FloatArray y) {
    if (context.localIdx < 2) {
      context.localBarrier();
    }
    y.set(context.globalIdx, x.get(context.globalIdx));
  }

  @Test
  void barrierThatHalfOfTheGroupReaches() {
    EmulatorException e = fails(RacesTest::halfABarrier);
    assertThat(e.fault()).isEqualTo(Fault.BARRIER);
    assertThat(e).hasMessageContainingAll("waits at the barrier of line", "has ended");
  }

  public static void twoBarriers(KernelContext context, FloatArray x, FloatArray y) {
    int i = context.globalIdx;
    if (context.localIdx < 2) {
      y.set(i, x.get(i));
      context.localBarrier();
    } else {
      context.localBarrier();
      y.set(i, x.get(i));
    }
  }

  @Test
  void barriersOfTwoBranches() {
    EmulatorException e = fails(RacesTest::twoBarriers);
    assertThat(e.fault()).isEqualTo(Fault.BARRIER);
    assertThat(e).hasMessageContaining("waits at that of line ");
  }

  private static void waits(KernelContext context) {
    context.localBarrier();
  }

  public static void twoCalls(KernelContext context, FloatArray x, FloatArray y) {
    if (context.localIdx < 2) {
      waits(context);
      y.set(context.globalIdx, x.get(context.globalIdx));
    } else {
      waits(context);
    }
  }

  @Test
  void oneBarrierByTwoCalls() {
    EmulatorException e = fails(RacesTest::twoCalls);
    assertThat(e.fault()).isEqualTo(Fault.BARRIER);
    assertThat(e).hasMessageContaining("[0, 0, 0] of group [0, 0, 0]) of its group came there by");
  }

  public static void otherIterations(KernelContext context, FloatArray x, FloatArray y) {
    int first = context.localIdx == 0 ? 1 : 0;
    for (int i = 0; i < 3; i++) {
      if (i >= first && i < first + 2) {
        context.localBarrier();
      }
    }
    y.set(context.globalIdx, x.get(context.globalIdx));
  }

  public static void callsInOtherIterations(KernelContext context, FloatArray x, FloatArray y) {
    int first = context.localIdx == 0 ? 1 : 0;
    int i = 0;
    do {
      if (i >= first && i < first + 2) {
        waits(context);
      }
      i++;
    } while (i < 3);
    y.set(context.globalIdx, x.get(context.globalIdx));
  }

  @Test
  void oneBarrierInTwoIterations() {
    EmulatorException e = fails(RacesTest::otherIterations);
    assertThat(e.fault()).isEqualTo(Fault.BARRIER);
    assertThat(e).hasMessageContaining("waits there in iteration 1 of a loop, not 0");
    assertThat(fails(RacesTest::callsInOtherIterations))
        .hasMessageContaining("waits there in iteration 1 of a loop, not 0");
  }

  /** In no loop do work-items differ in their iterations around a barrier that they reach. */
  public static void sameIterations(KernelContext context, FloatArray x, FloatArray y) {
    float sum = 0;
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < context.localIdx; j++) {
        sum += x.get(j);
      }
      int k = 0;
      do {
        for (int j = 0; j < context.localIdx; j++) {
          if (i == 1 && j == 0) {
            continue;
          }
          sum += 1;
        }
        waits(context);
        k++;
      } while (k < i);
      for (int j = 0; j < 3 * context.localIdx; j++) {
        if (j < 0) {
          context.localBarrier();
        }
      }
      context.localBarrier();
    }
    y.set(context.globalIdx, sum);
  }

  @Test
  void onlyLoopsAroundTheBarrierCount() {
    FloatArray x = counting(8);
    FloatArray y = new FloatArray(8);
    TaskGraph graph =
        new TaskGraph("g")
            .transferToDevice(EVERY_EXECUTION, x)
            .task("t", RacesTest::sameIterations, new KernelContext(), x, y)
            .transferToHost(EVERY_EXECUTION, y);
    assertThat(fails(graph, grid(8, 4))).isNull();
    assertThat(y.get(7)).isEqualTo(3 * (1 + 2 + 3) + 4 * 3 - 1);
  }

  public static void parallelRace(FloatArray x) {
    for (@Parallel int i = 0; i < 8; i++) {
      x.set(i, x.get((i + 7) % 8));
    }
  }

  @Test
  void iterationsOfAParallelLoopRace() {
    FloatArray x = counting(8);
    TaskGraph graph =
        new TaskGraph("g")
            .transferToDevice(EVERY_EXECUTION, x)
            .task("t", RacesTest::parallelRace, x);
    EmulatorException e = fails(graph, grid(8, 4));
    assertThat(e.fault()).isEqualTo(Fault.RACE);
    assertThat(e).hasMessageContainingAll("iteration [1]", "iteration [0]", "element 0 of x");
  }
}
