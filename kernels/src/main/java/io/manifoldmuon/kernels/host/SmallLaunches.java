package io.manifoldmuon.kernels.host;

import io.manifoldmuon.kernels.device.SmallSteps;
import io.manifoldmuon.linalg.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * Puts steps on small values off until a launch needs one of them, and makes one launch of {@link
 * SmallSteps} of all that have gathered.
 *
 * <p>That is safe because each value of the pools has its own place: a step may run later than it
 * was asked for, never earlier, and what comes in between neither reads nor writes its values.
 * Other arrays that a step reads are not written before it has run.
 */
final class SmallLaunches {
  private final ProgramMemory memory;
  private final List<SmallStep> waiting = new ArrayList<>();
  private final Set<Buffer> touched = new HashSet<>();
  private final Set<TornadoNativeArray> others = Collections.newSetFromMap(new IdentityHashMap<>());
  private final List<IntArray> codes = new ArrayList<>();

  SmallLaunches(ProgramMemory memory) {
    this.memory = memory;
  }

  /** Whether the work of a launch is made of steps. */
  boolean canTake(Launch l) {
    return !l.steps().isEmpty() && l.steps().stream().allMatch(this::isReadable);
  }

  /** Whether the steps of a launch have room beside those that wait. */
  boolean hasRoom(Launch l) {
    Set<TornadoNativeArray> arrays = Collections.newSetFromMap(new IdentityHashMap<>());
    arrays.addAll(others);
    l.steps().forEach(s -> s.operands().forEach(o -> addOther(o.buffer(), arrays)));
    return arrays.size() <= SmallSteps.MOST_OTHERS;
  }

  /** Takes the work of a launch over. */
  void take(Launch l) {
    for (SmallStep s : l.steps()) {
      waiting.add(s);
      touched.add(s.y());
      for (SmallStep.Operand o : s.operands()) {
        touched.add(o.buffer());
        addOther(o.buffer(), others);
      }
    }
  }

  private void addOther(Buffer b, Set<TornadoNativeArray> arrays) {
    if (!isInPools(b)) {
      arrays.add(b.array());
    }
  }

  private boolean isReadable(SmallStep s) {
    return memory.values().holds(s.y())
        && s.operands().stream()
            .map(SmallStep.Operand::buffer)
            .allMatch(b -> isInPools(b) || (b.isReal() && b.size() <= memory.mostRead()));
  }

  private boolean isInPools(Buffer b) {
    return memory.values().holds(b) || memory.smallInputs().holds(b) || memory.constants().holds(b);
  }

  /** Whether a launch has to come after the steps that wait. */
  boolean mustPrecede(Launch l) {
    return l.reads().stream().anyMatch(b -> memory.values().holds(b) && overlapsWaiting(b))
        || l.writes().stream().anyMatch(this::overlapsWaiting);
  }

  private boolean overlapsWaiting(Buffer b) {
    return touched.stream().anyMatch(t -> MatrixRun.overlap(t, b));
  }

  /** One launch of all steps that wait, if any do. */
  Optional<Launch> flush() {
    if (waiting.isEmpty()) {
      return Optional.empty();
    }
    List<FloatArray> read = new ArrayList<>();
    others.forEach(a -> read.add((FloatArray) a));
    IntArray code = encode(read);
    codes.add(code);
    for (int i = read.size(); i < SmallSteps.MOST_OTHERS; i++) {
      read.add(memory.spare(i));
    }
    FloatArray values = memory.values().array();
    FloatArray inputs = memory.smallInputs().array();
    FloatArray constants = memory.constants().array();
    Buffer instructions = new Buffer(code, 0, Shape.of(code.getSize()));
    List<Buffer> reads = new ArrayList<>(List.of(instructions));
    reads.addAll(touched);
    Launch launch =
        Launch.of(
            "smallStepsF32 " + waiting.size(),
            reads,
            List.of(new Buffer(values, 0, Shape.of(values.getSize()))),
            Grid.covering(SmallSteps.GROUP, SmallSteps.GROUP),
            waiting.stream().mapToInt(s -> s.y().size() * Math.max(1, s.terms())).sum(),
            (g, id) ->
                g.task(
                    id,
                    SmallSteps::smallStepsF32,
                    new KernelContext(),
                    code,
                    values,
                    inputs,
                    constants,
                    read.get(0),
                    read.get(1),
                    read.get(2),
                    read.get(3)));
    waiting.clear();
    touched.clear();
    others.clear();
    return Optional.of(launch);
  }

  /** The arrays of steps, which are to be sent. */
  List<IntArray> codes() {
    return codes;
  }

  private int array(Buffer b, List<FloatArray> read) {
    if (memory.values().holds(b)) {
      return SmallSteps.VALUES;
    }
    if (memory.smallInputs().holds(b)) {
      return SmallSteps.INPUTS;
    }
    return memory.constants().holds(b)
        ? SmallSteps.CONSTANTS
        : SmallSteps.OTHERS + MatrixRunCode.indexOf(read, b.array());
  }

  private IntArray encode(List<FloatArray> read) {
    IntArray code = new IntArray(1 + SmallSteps.LENGTH * waiting.size());
    int at = 0;
    code.set(at++, waiting.size());
    for (SmallStep s : waiting) {
      code.set(at++, s.kind());
      code.set(at++, s.f());
      code.set(at++, s.y().size());
      code.set(at++, s.y().offset());
      code.set(at++, s.terms());
      for (int k = 0; k < 3; k++) {
        SmallStep.Operand o = s.operands().get(Math.min(k, s.operands().size() - 1));
        code.set(at++, array(o.buffer(), read));
        code.set(at++, o.buffer().offset());
        code.set(at++, o.run());
        code.set(at++, o.period());
      }
    }
    return code;
  }
}
