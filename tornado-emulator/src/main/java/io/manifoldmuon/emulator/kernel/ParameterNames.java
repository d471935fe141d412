package io.manifoldmuon.emulator.kernel;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.MethodModel;
import java.lang.classfile.attribute.LocalVariableInfo;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;

/** Reads the names of parameters from the debug information that javac writes with {@code -g}. */
final class ParameterNames {
  private ParameterNames() {}

  /** The names of the parameters of a static method, {@code argument0} … where there are none. */
  static List<String> of(Method method) {
    String descriptor = method.toString();
    Class<?> type = method.getDeclaringClass();
    String file = type.getName().substring(type.getName().lastIndexOf('.') + 1) + ".class";
    List<String> names = new ArrayList<>();
    for (int i = 0; i < method.getParameterCount(); i++) {
      names.add("argument" + i);
    }
    try (InputStream stream = type.getResourceAsStream(file)) {
      if (stream != null) {
        for (MethodModel model : ClassFile.of().parse(stream.readAllBytes()).methods()) {
          if (isSame(model, method)) {
            read(model, method, names);
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("emulator: the class of " + descriptor + " cannot be read", e);
    }
    return names;
  }

  private static boolean isSame(MethodModel model, Method method) {
    String descriptor =
        java.lang.invoke.MethodType.methodType(method.getReturnType(), method.getParameterTypes())
            .descriptorString();
    return model.methodName().equalsString(method.getName())
        && model.methodType().equalsString(descriptor);
  }

  private static void read(MethodModel model, Method method, List<String> names) {
    model
        .code()
        .flatMap(code -> code.findAttribute(Attributes.localVariableTable()))
        .ifPresent(
            table -> {
              int slot = 0;
              for (int i = 0; i < names.size(); i++) {
                for (LocalVariableInfo variable : table.localVariables()) {
                  if (variable.slot() == slot && variable.startPc() == 0) {
                    names.set(i, variable.name().stringValue());
                  }
                }
                Class<?> type = method.getParameterTypes()[i];
                slot += type == long.class || type == double.class ? 2 : 1;
              }
            });
  }
}
