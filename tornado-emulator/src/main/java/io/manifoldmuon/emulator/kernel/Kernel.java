package io.manifoldmuon.emulator.kernel;

import java.lang.invoke.MethodHandle;
import java.util.List;

/**
 * A kernel that is ready to run: {@code code} takes one array of all arguments.
 *
 * @param name class and method, without the package
 * @param parameters the names of the parameters
 */
public record Kernel(String name, List<String> parameters, MethodHandle code) {
  /** Copies the list. */
  public Kernel {
    parameters = List.copyOf(parameters);
  }
}
