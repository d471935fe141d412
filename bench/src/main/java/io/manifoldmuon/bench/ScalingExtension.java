package io.manifoldmuon.bench;

import io.manifoldmuon.model.cli.CommandExtension;
import java.io.PrintStream;

/** Adds {@code muon bench scaling}. */
public final class ScalingExtension implements CommandExtension {
  @Override
  public String parent() {
    return "bench";
  }

  @Override
  public Object command(PrintStream out, PrintStream err) {
    return new ScalingCommand(out, err);
  }
}
