package io.manifoldmuon.model.cli;

import java.io.PrintStream;

/** A command that another module adds; found by {@link java.util.ServiceLoader}. */
public interface CommandExtension {
  /** The name of the command that it belongs below, such as {@code bench}. */
  String parent();

  /**
   * The command, a picocli object.
   *
   * @param out where its results go
   * @param err where its messages go
   */
  Object command(PrintStream out, PrintStream err);
}
