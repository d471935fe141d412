package io.manifoldmuon.emulator.kernel;

import io.manifoldmuon.emulator.EmulatorException;
import io.manifoldmuon.emulator.Fault;
import io.manifoldmuon.emulator.memory.AccessMonitor;
import io.manifoldmuon.emulator.memory.DeviceArgument;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Finds the method behind a method reference.
 *
 * <p>Nothing in Java tells which method that is. So it is called once with null in place of all
 * objects: the first use of one of them fails inside of the method, and the stack trace names it. As
 * the JVM leaves out the stack trace of code that it has compiled, there is a second call then, with
 * arrays that fail when they are touched.
 */
final class KernelSearch {
  private KernelSearch() {}

  /** The static method that {@code function} runs for these arguments. */
  static Method find(String task, Object function, List<Object> arguments) {
    if (function.getClass().getDeclaredFields().length > 0) {
      throw new EmulatorException(
          Fault.SCALAR,
          task
              + ": the kernel captures a value, which would be folded into its code; name a static"
              + " method and hand the value over as an argument");
    }
    Method apply = applyOf(function);
    Throwable failure = probe(task, apply, function, arguments, argument -> null);
    if (failure instanceof NullPointerException && failure.getStackTrace().length == 0) {
      failure = probe(task, apply, function, arguments, KernelSearch::touchy);
    }
    StackTraceElement frame = frameOf(task, failure);
    return methodOf(task, frame, function.getClass().getClassLoader(), arguments);
  }

  /** An array that fails when it is touched. */
  private static Object touchy(Object argument) {
    return DeviceArgument.elementsOf(argument) == null
        ? argument
        : DeviceArgument.watched(argument, new Touchy());
  }

  private static final class Touched extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  private static final class Touchy implements AccessMonitor {
    @Override
    public void read(int index) {
      throw new Touched();
    }

    @Override
    public void write(int index) {
      throw new Touched();
    }

    @Override
    public void change(int index) {
      throw new Touched();
    }
  }

  private static Method applyOf(Object function) {
    for (Class<?> type : function.getClass().getInterfaces()) {
      for (Method method : type.getMethods()) {
        if (Modifier.isAbstract(method.getModifiers()) && method.getName().equals("apply")) {
          return method;
        }
      }
    }
    throw new IllegalArgumentException("emulator: " + function + " is no task function");
  }

  private static Throwable probe(
      String task,
      Method apply,
      Object function,
      List<Object> arguments,
      UnaryOperator<Object> standIn) {
    Object[] given = new Object[arguments.size()];
    for (int i = 0; i < given.length; i++) {
      Object argument = arguments.get(i);
      boolean scalar =
          argument instanceof Number
              || argument instanceof Boolean
              || argument instanceof Character;
      given[i] = scalar ? argument : standIn.apply(argument);
    }
    try {
      apply.invoke(function, given);
    } catch (InvocationTargetException e) {
      return e.getCause();
    } catch (IllegalAccessException e) {
      throw new EmulatorException(Fault.KERNEL, task + ": the kernel cannot be called", e);
    }
    throw new EmulatorException(
        Fault.KERNEL, task + ": the kernel uses none of its arrays, so that it has no effect");
  }

  /** The frame of the method that the reference called: the one below the reflective call. */
  private static StackTraceElement frameOf(String task, Throwable failure) {
    StackTraceElement last = null;
    for (StackTraceElement frame : failure.getStackTrace()) {
      String type = frame.getClassName();
      if (type.startsWith("io.manifoldmuon.emulator.")
          || type.startsWith("uk.ac.manchester.tornado.")) {
        continue; // below the kernel
      }
      boolean machinery =
          type.startsWith("java.lang.invoke.")
              || type.startsWith("jdk.internal.")
              || type.startsWith("java.lang.reflect.")
              || type.contains("$$Lambda");
      if (machinery) {
        break;
      }
      last = frame;
    }
    boolean expected = failure instanceof NullPointerException || failure instanceof Touched;
    if (last == null || !expected) {
      throw new EmulatorException(
          Fault.KERNEL, task + ": the kernel cannot be found, it fails with " + failure, failure);
    }
    return last;
  }

  private static Method methodOf(
      String task, StackTraceElement frame, ClassLoader loader, List<Object> arguments) {
    List<Method> found = new ArrayList<>();
    for (Method method : load(task, frame.getClassName(), loader).getDeclaredMethods()) {
      if (method.getName().equals(frame.getMethodName()) && accepts(method, arguments)) {
        found.add(method);
      }
    }
    if (found.size() != 1) {
      throw new EmulatorException(
          Fault.KERNEL,
          "%s: %d methods %s.%s take these arguments, one was wanted; give kernels names of their own"
              .formatted(task, found.size(), frame.getClassName(), frame.getMethodName()));
    }
    Method method = found.getFirst();
    if (!Modifier.isStatic(method.getModifiers()) || method.getReturnType() != void.class) {
      throw new EmulatorException(
          Fault.KERNEL, task + ": " + method + " is no static method without a result");
    }
    return method;
  }

  private static Class<?> load(String task, String name, ClassLoader loader) {
    try {
      return Class.forName(name, false, loader);
    } catch (ClassNotFoundException e) {
      throw new EmulatorException(Fault.KERNEL, task + ": no class " + name, e);
    }
  }

  private static boolean accepts(Method method, List<Object> arguments) {
    Class<?>[] types = method.getParameterTypes();
    if (types.length != arguments.size()) {
      return false;
    }
    for (int i = 0; i < types.length; i++) {
      Class<?> given = arguments.get(i).getClass();
      Class<?> wanted = java.lang.invoke.MethodType.methodType(types[i]).wrap().returnType();
      if (!wanted.isAssignableFrom(given)) {
        return false;
      }
    }
    return true;
  }
}
