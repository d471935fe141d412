package io.manifoldmuon.emulator.kernel;

import io.manifoldmuon.emulator.EmulatorException;
import io.manifoldmuon.emulator.Fault;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;

/** Prepares kernels; each class is rewritten once, and each method reference resolved once. */
public final class Kernels {
  private static final Map<ClassLoader, KernelLoader> LOADERS = new ConcurrentHashMap<>();

  /** By the class that a method reference is of: one for each place in the code. */
  private static final Map<Class<?>, Kernel> BY_REFERENCE = new WeakHashMap<>();

  private Kernels() {}

  /** The kernel behind {@code function}; its rewritten code calls {@code hooks}. */
  public static Kernel prepare(
      String task, Object function, List<Object> arguments, Class<?> hooks) {
    synchronized (BY_REFERENCE) {
      Kernel known = BY_REFERENCE.get(function.getClass());
      if (known == null) {
        known = prepareNew(task, function, arguments, hooks);
        BY_REFERENCE.put(function.getClass(), known);
      }
      return known;
    }
  }

  private static Kernel prepareNew(
      String task, Object function, List<Object> arguments, Class<?> hooks) {
    Method method = KernelSearch.find(task, function, arguments);
    Class<?> origin = method.getDeclaringClass();
    String name = origin.getName().substring(origin.getName().lastIndexOf('.') + 1);
    return new Kernel(
        name + "." + method.getName(), ParameterNames.of(method), rewritten(task, method, hooks));
  }

  private static MethodHandle rewritten(String task, Method method, Class<?> hooks) {
    Class<?> origin = method.getDeclaringClass();
    MethodType type = MethodType.methodType(void.class, method.getParameterTypes());
    KernelLoader loader = loader(origin.getClassLoader(), hooks);
    new KernelReview(task, loader)
        .look(
            origin.getName().replace('.', '/'), method.getName(), type.toMethodDescriptorString());
    try {
      Class<?> copy = loader.loadClass(origin.getName(), true);
      MethodHandle handle =
          MethodHandles.privateLookupIn(copy, MethodHandles.lookup())
              .findStatic(copy, method.getName(), type);
      return handle
          .asSpreader(Object[].class, type.parameterCount())
          .asType(MethodType.methodType(void.class, Object[].class));
    } catch (ReflectiveOperationException e) {
      throw new EmulatorException(
          Fault.KERNEL, task + ": " + method + " cannot be loaded to be run with checks", e);
    }
  }

  private static KernelLoader loader(ClassLoader origin, Class<?> hooks) {
    return LOADERS.computeIfAbsent(origin, o -> new KernelLoader(o, hooks));
  }
}
