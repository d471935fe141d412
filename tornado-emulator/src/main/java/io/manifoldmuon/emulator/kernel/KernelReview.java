package io.manifoldmuon.emulator.kernel;

import io.manifoldmuon.emulator.EmulatorException;
import io.manifoldmuon.emulator.Fault;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.FieldModel;
import java.lang.classfile.Instruction;
import java.lang.classfile.Label;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LineNumber;
import java.lang.classfile.instruction.LookupSwitchInstruction;
import java.lang.classfile.instruction.MonitorInstruction;
import java.lang.classfile.instruction.NewObjectInstruction;
import java.lang.classfile.instruction.SwitchCase;
import java.lang.classfile.instruction.TableSwitchInstruction;
import java.lang.classfile.instruction.ThrowInstruction;
import java.lang.reflect.AccessFlag;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Looks through the code of a kernel, and of all that it calls, for what TornadoVM cannot compile.
 */
final class KernelReview {
  private static final String API = "uk/ac/manchester/tornado/api/";

  /** Calls that are rejected, or compiled to something else. */
  private static final Set<String> REFUSED =
      Set.of(
          "java/lang/Math.fma",
          "java/lang/Float.floatToIntBits",
          "java/lang/Float.floatToRawIntBits",
          "java/lang/Float.intBitsToFloat");

  /** The classes of Java whose static methods can be functions of a device. */
  private static final Set<String> NUMBERS =
      Set.of(
          "java/lang/Math",
          "java/lang/Float",
          "java/lang/Double",
          "java/lang/Integer",
          "java/lang/Long",
          "java/lang/Short",
          "java/lang/Byte");

  /** The conversion whose result is a short. */
  private static final String TO_BFLOAT16 = API + "types/BFloat16.bf16FromFloat";

  private final String task;
  private final ClassSource source;
  private final Map<String, ClassModel> classes = new HashMap<>();
  private final Set<String> done = new HashSet<>();
  private final Deque<String> path = new ArrayDeque<>();

  /** Where a review reads classes. */
  interface ClassSource {
    /**
     * The class file of {@code name}, which is written with slashes; null if it is not a kernel's.
     */
    byte[] read(String name);
  }

  KernelReview(String task, ClassSource source) {
    this.task = task;
    this.source = source;
  }

  /** Fails at the first thing that cannot be compiled. */
  void look(String owner, String name, String descriptor) {
    ClassModel type =
        classes.computeIfAbsent(
            owner,
            o -> {
              byte[] code = source.read(o);
              return code == null ? null : ClassFile.of().parse(code);
            });
    if (type == null) {
      return; // a library's
    }
    String method = owner.substring(owner.lastIndexOf('/') + 1) + "." + name + descriptor;
    if (path.contains(method)) {
      throw fault(owner, 0, "calls " + name + ", which calls itself, and a device has no stack");
    }
    if (!done.add(method)) {
      return;
    }
    path.push(method);
    for (MethodModel model : type.methods()) {
      if (model.methodName().equalsString(name) && model.methodType().equalsString(descriptor)) {
        model.code().ifPresent(code -> look(type, code));
      }
    }
    path.pop();
  }

  private void look(ClassModel type, CodeModel code) {
    String owner = type.thisClass().asInternalName();
    int line = 0;
    if (!code.exceptionHandlers().isEmpty()) {
      throw fault(owner, line, "catches exceptions, which a device has not");
    }
    boolean narrow = false;
    for (CodeElement element : code) {
      if (element instanceof Instruction instruction) {
        if (narrow && instruction.opcode() != Opcode.I2L) {
          throw fault(
              owner,
              line,
              "computes with the short of bf16FromFloat, which CUDA does in 16 bits; make it a long");
        }
        narrow = instruction instanceof InvokeInstruction i && nameOf(i).equals(TO_BFLOAT16);
      }
      switch (element) {
        case LineNumber number -> line = number.line();
        case InvokeInstruction invoke -> call(owner, line, invoke);
        case FieldInstruction field -> field(owner, line, field);
        case NewObjectInstruction create -> {
          String made = create.className().asInternalName();
          if (!made.startsWith(API + "types/")) {
            throw fault(owner, line, "makes a " + made + ", and a device has no heap");
          }
        }
        case ThrowInstruction _ ->
            throw fault(owner, line, "throws an exception, which a device has not");
        case InvokeDynamicInstruction _ ->
            throw fault(owner, line, "has a lambda or joins text, which a device cannot");
        case TableSwitchInstruction s ->
            choice(
                owner,
                line,
                s.highValue() - s.lowValue() + 1,
                s.defaultTarget(),
                s.cases().stream().map(SwitchCase::target));
        case LookupSwitchInstruction s ->
            choice(
                owner,
                line,
                s.cases().size(),
                s.defaultTarget(),
                s.cases().stream().map(SwitchCase::target));
        case MonitorInstruction _ ->
            throw fault(owner, line, "is synchronized, which a device cannot be");
        default -> {}
      }
    }
  }

  /**
   * Where a label has the default's target, as in a gap, or that of another label, TornadoVM writes
   * that target once, in the place of the first, and forgets labels at the end.
   */
  private void choice(
      String owner, int line, int labels, Label defaultTarget, Stream<Label> targets) {
    long different = Stream.concat(targets, Stream.of(defaultTarget)).distinct().count();
    if (labels >= different) {
      throw fault(
          owner,
          line,
          "has a switch of %d labels, gaps among them, for %d targets, and TornadoVM forgets the last"
                  .formatted(labels, different)
              + " labels; number them without gaps, one for each target");
    }
  }

  private void call(String owner, int line, InvokeInstruction invoke) {
    String target = invoke.owner().asInternalName();
    String name = invoke.name().stringValue();
    if (REFUSED.contains(nameOf(invoke))) {
      throw fault(owner, line, "calls %s.%s, which TornadoVM rejects".formatted(target, name));
    }
    if (target.startsWith("java/") && !NUMBERS.contains(target)) {
      throw fault(
          owner,
          line,
          "calls %s.%s, which is no function of a device; compute it outside and hand it over"
              .formatted(target, name));
    }
    if (invoke.opcode() == Opcode.INVOKESTATIC) {
      look(target, name, invoke.type().stringValue());
    }
  }

  private static String nameOf(InvokeInstruction invoke) {
    return invoke.owner().asInternalName() + "." + invoke.name().stringValue();
  }

  private void field(String owner, int line, FieldInstruction field) {
    String name = field.name().stringValue();
    boolean isStatic = field.opcode() == Opcode.GETSTATIC || field.opcode() == Opcode.PUTSTATIC;
    if (!isStatic || field.owner().asInternalName().startsWith(API)) {
      return;
    }
    if (field.opcode() == Opcode.PUTSTATIC || field.typeSymbol().isArray()) {
      throw fault(owner, line, "uses the field " + name + ", which no device can; hand it over");
    }
    byte[] code = source.read(field.owner().asInternalName());
    if (code == null) {
      return;
    }
    for (FieldModel model : ClassFile.of().parse(code).fields()) {
      if (model.fieldName().equalsString(name) && !model.flags().has(AccessFlag.FINAL)) {
        throw new EmulatorException(
            Fault.SCALAR,
            where(owner, line)
                + "reads the field "
                + name
                + ", which is folded into the code once but may change; hand its value over in an array");
      }
    }
  }

  private EmulatorException fault(String owner, int line, String what) {
    return new EmulatorException(Fault.KERNEL, where(owner, line) + what);
  }

  private String where(String owner, int line) {
    String name = owner.substring(owner.lastIndexOf('/') + 1);
    return task + ": " + name + (line > 0 ? ", line " + line : "") + ": ";
  }
}
