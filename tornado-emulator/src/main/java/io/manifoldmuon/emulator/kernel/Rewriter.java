package io.manifoldmuon.emulator.kernel;

import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_double;
import static java.lang.constant.ConstantDescs.CD_float;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_short;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.Label;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeAnnotation;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.ArrayLoadInstruction;
import java.lang.classfile.instruction.ArrayStoreInstruction;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LabelTarget;
import java.lang.classfile.instruction.LineNumber;
import java.lang.classfile.instruction.NewPrimitiveArrayInstruction;
import java.lang.classfile.instruction.OperatorInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.reflect.AccessFlag;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Rewrites the code of a kernel's class, so that the checks are told of what no library call shows:
 * new private arrays, the elements of private and local arrays, unsigned shifts, how a work-item
 * comes to a barrier, arrays that are handed to another method, and the iterations of parallel
 * loops. {@code hooks} is the class that has the checks as static methods.
 */
final class Rewriter {
  private static final String PARALLEL = "Luk/ac/manchester/tornado/api/annotations/Parallel;";
  private static final String CONTEXT = "uk/ac/manchester/tornado/api/KernelContext";

  private final ClassDesc hooks;
  private final ClassFile classFile;
  private int sites;
  private int loops;

  Rewriter(Class<?> hooks, ClassLoader loader) {
    this.hooks = hooks.describeConstable().orElseThrow();
    classFile =
        ClassFile.of(
            ClassFile.ClassHierarchyResolverOption.of(
                ClassHierarchyResolver.ofClassLoading(loader)));
  }

  byte[] rewrite(byte[] code) {
    ClassModel model = classFile.parse(code);
    return classFile.transformClass(
        model,
        (classBuilder, element) -> {
          if (element instanceof MethodModel method) {
            classBuilder.transformMethod(
                method,
                (methodBuilder, part) -> {
                  if (part instanceof CodeModel body) {
                    methodBuilder.transformCode(body, new Body(method, body));
                  } else {
                    methodBuilder.with(part);
                  }
                });
          } else {
            ClassTransform.ACCEPT_ALL.accept(classBuilder, element);
          }
        });
  }

  /** Rewrites one method. */
  private final class Body implements CodeTransform {
    private final MethodModel method;

    /** Where the variables of parallel loops begin to hold a value: the heads of the loops. */
    private final Map<Label, Integer> loopHeads = new LinkedHashMap<>();

    private final List<Integer> loopSlots = new ArrayList<>();
    private final BarrierLoops barrierLoops;
    private int line;

    Body(MethodModel method, CodeModel code) {
      this.method = method;
      code.findAttribute(Attributes.runtimeVisibleTypeAnnotations())
          .ifPresent(found -> found.annotations().forEach(this::noteParallel));
      barrierLoops =
          new BarrierLoops(
              code,
              part -> part instanceof InvokeInstruction i && (isBarrier(i) || handsOn(i)),
              () -> loops++);
    }

    private void noteParallel(TypeAnnotation annotation) {
      if (annotation.annotation().className().equalsString(PARALLEL)
          && annotation.targetInfo() instanceof TypeAnnotation.LocalVarTarget target) {
        for (TypeAnnotation.LocalVarTargetInfo range : target.table()) {
          loopHeads.put(range.startLabel(), loopSlots.size());
          loopSlots.add(range.index());
        }
      }
    }

    @Override
    public void atStart(CodeBuilder code) {
      if (!method.flags().has(AccessFlag.STATIC)) {
        return;
      }
      for (int i = 0; i < method.methodTypeSymbol().parameterCount(); i++) {
        if (method.methodTypeSymbol().parameterType(i).isArray()) {
          code.aload(code.parameterSlot(i));
          code.invokestatic(hooks, "handedOver", MethodTypeDesc.of(CD_void, CD_Object));
        }
      }
    }

    @Override
    public void accept(CodeBuilder code, CodeElement element) {
      switch (element) {
        case LabelTarget target -> {
          code.with(element);
          Integer loop = loopHeads.get(target.label());
          if (loop != null) {
            code.loadConstant(loop);
            code.iload(loopSlots.get(loop));
            call(code, "iteration", CD_void, CD_int, CD_int);
          }
          int begun = barrierLoops.begin(target.label());
          if (begun != BarrierLoops.NONE) {
            tell(code, "atHead", begun);
          }
        }
        case LineNumber number -> {
          line = number.line();
          code.with(element);
        }
        case NewPrimitiveArrayInstruction create -> {
          code.with(element);
          ClassDesc type = elementType(create.typeKind());
          if (type != null) {
            call(code, "fresh", type.arrayType(), type.arrayType());
          }
        }
        case ArrayLoadInstruction load -> {
          ClassDesc type = elementType(load.typeKind());
          if (type == null) {
            code.with(element);
          } else {
            call(code, "load", type, type.arrayType(), CD_int);
          }
        }
        case ArrayStoreInstruction store -> {
          ClassDesc type = elementType(store.typeKind());
          if (type == null) {
            code.with(element);
          } else {
            call(code, "store", CD_void, type.arrayType(), CD_int, type);
          }
        }
        case OperatorInstruction shift when shift.opcode() == Opcode.IUSHR ->
            call(code, "shiftRight", CD_int, CD_int, CD_int);
        case OperatorInstruction shift when shift.opcode() == Opcode.LUSHR ->
            call(code, "shiftRight", CD_long, CD_long, CD_int);
        case InvokeInstruction invoke when isBarrier(invoke) -> {
          tell(code, "atLine", line);
          trace(code, invoke);
        }
        case InvokeInstruction invoke when handsOn(invoke) -> trace(code, invoke);
        case BranchInstruction jump -> jump(code, jump);
        default -> code.with(element);
      }
    }

    /** A jump, of which the checks are told if it repeats a loop with a barrier. */
    private void jump(CodeBuilder code, BranchInstruction jump) {
      int repeated = barrierLoops.repeatedBy(jump.target());
      if (repeated == BarrierLoops.NONE) {
        code.with(jump);
        return;
      }
      tell(code, "repeat", repeated);
      code.with(jump);
      barrierLoops.jumped(jump.target());
      if (jump.opcode() != Opcode.GOTO && jump.opcode() != Opcode.GOTO_W) {
        tell(code, "repeat", BarrierLoops.NONE); // it has not jumped
      }
    }

    /** A barrier, or a call that may lead to one. */
    private void trace(CodeBuilder code, InvokeInstruction invoke) {
      List<Integer> around = barrierLoops.around();
      tell(code, "comeTo", sites++);
      around.forEach(loop -> tell(code, "within", loop));
      code.with(invoke);
      tell(code, "leave", 1 + around.size());
    }

    private void tell(CodeBuilder code, String name, int number) {
      code.loadConstant(number);
      call(code, name, CD_void, CD_int);
    }

    private void call(CodeBuilder code, String name, ClassDesc result, ClassDesc... parameters) {
      code.invokestatic(hooks, name, MethodTypeDesc.of(result, parameters));
    }

    private boolean isBarrier(InvokeInstruction invoke) {
      return invoke.owner().asInternalName().equals(CONTEXT)
          && invoke.name().stringValue().endsWith("Barrier");
    }

    /** Whether a method gets the context, without which it has no barriers. */
    private boolean handsOn(InvokeInstruction invoke) {
      return invoke.opcode() == Opcode.INVOKESTATIC
          && invoke.type().stringValue().contains(CONTEXT);
    }

    /** The element types that are checked; bytes and booleans share their instructions. */
    private static ClassDesc elementType(TypeKind kind) {
      return switch (kind) {
        case FLOAT -> CD_float;
        case DOUBLE -> CD_double;
        case INT -> CD_int;
        case LONG -> CD_long;
        case SHORT -> CD_short;
        default -> null;
      };
    }
  }
}
