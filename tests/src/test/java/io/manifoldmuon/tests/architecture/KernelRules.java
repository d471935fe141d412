package io.manifoldmuon.tests.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaConstructorCall;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** What TornadoVM can compile: static methods on arrays, and constants. */
final class KernelRules {
  /** Vectors, and views of arrays as vectors: TornadoVM keeps both in registers. */
  private static final Set<String> VECTORS =
      Set.of(
          "uk.ac.manchester.tornado.api.types.vectors",
          "uk.ac.manchester.tornado.api.types.collections");

  /** What an OpenCL device has not, or TornadoVM compiles to nonsense. */
  private static final List<String> NOT_COMPILED =
      List.of(
          "java.lang.Math.fma",
          "java.lang.Float.floatToIntBits",
          "java.lang.Float.floatToRawIntBits",
          "java.lang.Float.intBitsToFloat",
          "uk.ac.manchester.tornado.api.KernelContext.simdSum",
          "uk.ac.manchester.tornado.api.KernelContext.simdShuffleDown",
          "uk.ac.manchester.tornado.api.KernelContext.simdBroadcastFirst");

  private KernelRules() {}

  /** The rules for the packages below {@code root}. */
  static List<ArchRule> rules(String root) {
    return List.of(
        rule(root, "hold static methods only", KernelRules::instances)
            .because("a kernel is a method, and has no object"),
        rule(root, "hold no state", KernelRules::state)
            .because(
                "a field is folded into a kernel when it is compiled; arrays are not compiled"),
        rule(root, "make no objects but vectors", KernelRules::objects)
            .because("a device has no heap"),
        rule(root, "call only what a device has", KernelRules::calls)
            .because("TornadoVM rejects the rest, or compiles it to something else"),
        rule(root, "call no method from itself", KernelRules::recursion)
            .because("a device has no stack"));
  }

  private static ArchRule rule(String root, String what, Check check) {
    return classes()
        .that()
        .resideInAPackage(root + ".kernels.device..")
        .should(
            new ArchCondition<JavaClass>(what) {
              @Override
              public void check(JavaClass type, ConditionEvents events) {
                check.look(
                    type,
                    wrong ->
                        events.add(
                            SimpleConditionEvent.violated(type, type.getName() + ": " + wrong)));
              }
            })
        .allowEmptyShould(true);
  }

  private interface Check {
    void look(JavaClass type, Consumer<String> report);
  }

  private static void instances(JavaClass type, Consumer<String> report) {
    for (JavaMethod method : type.getMethods()) {
      if (!method.getModifiers().contains(JavaModifier.STATIC)) {
        report.accept(method.getName() + " is not static");
      }
    }
    if (!type.getModifiers().contains(JavaModifier.FINAL) && !isPackageInfo(type)) {
      report.accept("it is not final");
    }
  }

  private static boolean isPackageInfo(JavaClass type) {
    return type.getSimpleName().equals("package-info");
  }

  private static void state(JavaClass type, Consumer<String> report) {
    for (JavaField field : type.getFields()) {
      boolean constant =
          field.getModifiers().contains(JavaModifier.STATIC)
              && field.getModifiers().contains(JavaModifier.FINAL)
              && field.getRawType().isPrimitive();
      if (!constant) {
        report.accept(field.getName() + " is no primitive constant");
      }
    }
  }

  private static void objects(JavaClass type, Consumer<String> report) {
    for (JavaConstructorCall call : type.getConstructorCallsFromSelf()) {
      boolean ofSuperclass = call.getOrigin().isConstructor();
      if (!ofSuperclass && !VECTORS.contains(call.getTargetOwner().getPackageName())) {
        report.accept(call.getDescription());
      }
    }
  }

  private static void calls(JavaClass type, Consumer<String> report) {
    type.getMethodCallsFromSelf().stream()
        .filter(
            call -> NOT_COMPILED.contains(call.getTargetOwner().getName() + "." + call.getName()))
        .forEach(call -> report.accept(call.getDescription()));
  }

  private static void recursion(JavaClass type, Consumer<String> report) {
    type.getMethodCallsFromSelf().stream()
        .filter(call -> call.getOrigin().getFullName().equals(call.getTarget().getFullName()))
        .forEach(call -> report.accept(call.getDescription()));
  }
}
