package io.manifoldmuon.kernels.host;

import io.manifoldmuon.kernels.device.SmallSteps;
import io.manifoldmuon.linalg.Shape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Puts steps on small values off until a launch needs one of them, and makes one launch of {@link
 * SmallSteps} of all that have gathered.
 *
 * <p>That is safe because each value of the pools has its own place: a step may run later than it
 * was asked for, never earlier, and what comes in between neither reads nor writes its values.
 */
final class SmallLaunches {
  private final ProgramMemory memory;
  private final List<SmallStep> waiting = new ArrayList<>();
  private final Set<Buffer> touched = new HashSet<>();
  private final List<IntArray> codes = new ArrayList<>();

  SmallLaunches(ProgramMemory memory) {
    this.memory = memory;
  }

  /** Takes the work of a launch over, if it is made of steps on values of the pools. */
  boolean takes(Launch l) {
    boolean all = !l.steps().isEmpty() && l.steps().stream().allMatch(this::inPools);
    if (all) {
      for (SmallStep s : l.steps()) {
        waiting.add(s);
        touched.add(s.y());
        s.operands().forEach(o -> touched.add(o.buffer()));
      }
    }
    return all;
  }

  private boolean inPools(SmallStep s) {
    return memory.values().holds(s.y())
        && s.operands().stream().allMatch(o -> array(o.buffer()).isPresent());
  }

  /** Whether a launch has to come after the steps that wait. */
  boolean mustPrecede(Launch l) {
    return l.reads().stream().anyMatch(b -> memory.values().holds(b) && overlapsWaiting(b))
        || l.writes().stream().anyMatch(b -> memory.values().holds(b) && overlapsWaiting(b));
  }

  private boolean overlapsWaiting(Buffer b) {
    return touched.stream()
        .anyMatch(
            t ->
                memory.values().holds(t)
                    && t.offset() < b.offset() + b.size()
                    && b.offset() < t.offset() + t.size());
  }

  /** One launch of all steps that wait, if any do. */
  Optional<Launch> flush() {
    if (waiting.isEmpty()) {
      return Optional.empty();
    }
    IntArray code = encode();
    codes.add(code);
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
                    constants));
    waiting.clear();
    touched.clear();
    return Optional.of(launch);
  }

  /** The arrays of steps, which are to be sent. */
  List<IntArray> codes() {
    return codes;
  }

  private Optional<Integer> array(Buffer b) {
    if (memory.values().holds(b)) {
      return Optional.of(SmallSteps.VALUES);
    }
    if (memory.smallInputs().holds(b)) {
      return Optional.of(SmallSteps.INPUTS);
    }
    return memory.constants().holds(b) ? Optional.of(SmallSteps.CONSTANTS) : Optional.empty();
  }

  private IntArray encode() {
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
        code.set(at++, array(o.buffer()).orElseThrow());
        code.set(at++, o.buffer().offset());
        code.set(at++, o.run());
        code.set(at++, o.period());
      }
    }
    return code;
  }
}
