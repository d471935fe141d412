package io.manifoldmuon.bench;

import io.manifoldmuon.model.cli.CommandExtension;
import java.io.PrintStream;

/** Adds {@code muon bench ops}. */
public final class OperationsExtension implements CommandExtension {
  @Override
  public String parent() {
    return "bench";
  }

  @Override
  public Object command(PrintStream out, PrintStream err) {
    return new OperationsCommand(out, err);
  }
}
