package io.manifoldmuon.model.cli;

import java.lang.reflect.Constructor;
import picocli.CommandLine;

/** Makes the command objects and hands each the terminal. */
final class Commands implements CommandLine.IFactory {
  private final CommandLine.IFactory fallback = CommandLine.defaultFactory();
  private final Terminal terminal;

  Commands(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public <K> K create(Class<K> kind) throws Exception {
    for (Constructor<?> constructor : kind.getDeclaredConstructors()) {
      if (constructor.getParameterCount() == 1
          && constructor.getParameterTypes()[0] == Terminal.class) {
        return kind.cast(constructor.newInstance(terminal));
      }
    }
    return fallback.create(kind);
  }
}
