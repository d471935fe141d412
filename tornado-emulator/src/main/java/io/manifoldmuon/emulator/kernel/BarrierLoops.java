package io.manifoldmuon.emulator.kernel;

import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.Label;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.LabelTarget;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;
import java.util.function.Predicate;

/**
 * The loops of a method that have a barrier, or a call that may lead to one, and in which of them
 * the code stands that is being written. A loop is what javac makes of one: all code from the
 * target of jumps backwards up to the last of those jumps. Two that begin with the same instruction
 * cannot be told apart and count as one.
 */
final class BarrierLoops {
  /** No loop. */
  static final int NONE = -1;

  /** A loop that is known by {@code number}. */
  private static final class Loop {
    final int number;
    int jumpsLeft;

    Loop(int number, int jumps) {
      this.number = number;
      jumpsLeft = jumps;
    }
  }

  private final Map<Label, Loop> loops = new HashMap<>();
  private final List<Loop> open = new ArrayList<>();

  /**
   * The loops of {@code code}.
   *
   * @param sites what is a barrier, or may lead to one
   * @param numbers gives the next loop its number
   */
  BarrierLoops(CodeModel code, Predicate<CodeElement> sites, IntSupplier numbers) {
    Map<Label, Integer> sitesBefore = new HashMap<>();
    Map<Label, Integer> sitesInside = new HashMap<>();
    Map<Label, Integer> jumps = new HashMap<>();
    int passed = 0;
    for (CodeElement element : code) {
      if (element instanceof LabelTarget target) {
        sitesBefore.put(target.label(), passed);
      } else if (sites.test(element)) {
        passed++;
      } else if (element instanceof BranchInstruction jump) {
        Integer before = sitesBefore.get(jump.target());
        if (before != null) {
          jumps.merge(jump.target(), 1, Integer::sum);
          sitesInside.put(jump.target(), passed - before);
        }
      }
    }
    sitesInside.forEach(
        (head, inside) -> {
          if (inside > 0) {
            loops.put(head, new Loop(numbers.getAsInt(), jumps.get(head)));
          }
        });
  }

  /** A label is written; gives the loop whose iterations begin there, or NONE. */
  int begin(Label label) {
    Loop loop = loops.get(label);
    if (loop == null) {
      return NONE;
    }
    open.add(loop);
    return loop.number;
  }

  /** The loop that a jump to {@code target} takes to its next iteration, or NONE. */
  int repeatedBy(Label target) {
    Loop loop = loops.get(target);
    return open.contains(loop) ? loop.number : NONE;
  }

  /** A jump to {@code target} that repeats a loop is written. */
  void jumped(Label target) {
    Loop loop = loops.get(target);
    loop.jumpsLeft--;
    if (loop.jumpsLeft == 0) {
      open.remove(loop);
    }
  }

  /** The loops around the code that is being written. */
  List<Integer> around() {
    return open.stream().map(loop -> loop.number).toList();
  }
}
