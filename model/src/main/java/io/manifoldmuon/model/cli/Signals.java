package io.manifoldmuon.model.cli;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Handlers for the signals that ask a process to end. The JDK offers them in {@code sun.misc}
 * (module {@code jdk.unsupported}) only, to which the compiler lets nobody refer without a warning;
 * so it is called by reflection, and a JVM without it says so.
 */
final class Signals implements AutoCloseable {
  private static final List<String> ENDING = List.of("INT", "TERM", "HUP");

  private final Class<?> signalType;
  private final Class<?> handlerType;
  private final Map<Object, Object> before = new LinkedHashMap<>();

  /**
   * Runs {@code handler}, on a thread of its own, for every such signal until this is closed. A
   * signal that the process ignores, as under {@code nohup}, stays ignored.
   *
   * @throws ReflectiveOperationException if this JVM has no signals or keeps them to itself
   */
  Signals(Runnable handler) throws ReflectiveOperationException {
    this.signalType = Class.forName("sun.misc.Signal");
    this.handlerType = Class.forName("sun.misc.SignalHandler");
    Object ignored = handlerType.getField("SIG_IGN").get(null);
    Object ours =
        Proxy.newProxyInstance(
            Signals.class.getClassLoader(), new Class<?>[] {handlerType}, new Calls(handler));
    for (String name : ENDING) {
      Object signal = signalType.getConstructor(String.class).newInstance(name);
      Object old = handle(signal, ours);
      if (ignored.equals(old)) {
        handle(signal, old);
      } else {
        before.put(signal, old);
      }
    }
  }

  /** Answers the calls of the JDK to its handler. */
  private record Calls(Runnable handler) implements InvocationHandler {
    @Override
    public Object invoke(Object proxy, Method method, Object[] arguments) {
      return switch (method.getName()) {
        case "handle" -> {
          handler.run();
          yield null;
        }
        case "hashCode" -> System.identityHashCode(proxy);
        case "equals" ->
            arguments[0] != null
                && Proxy.isProxyClass(arguments[0].getClass())
                && Proxy.getInvocationHandler(arguments[0]).equals(this);
        default -> "muon's handler of signals";
      };
    }
  }

  private Object handle(Object signal, Object handler) throws ReflectiveOperationException {
    return signalType.getMethod("handle", signalType, handlerType).invoke(null, signal, handler);
  }

  /** Why there are no signals, in words. */
  static String reason(ReflectiveOperationException failure) {
    Throwable cause = failure instanceof InvocationTargetException e ? e.getCause() : failure;
    return String.valueOf(cause.getMessage());
  }

  /** Gives the signals back. */
  @Override
  public void close() {
    before.forEach(
        (signal, old) -> {
          try {
            handle(signal, old);
          } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("signals: the old handler cannot be put back", e);
          }
        });
  }
}
