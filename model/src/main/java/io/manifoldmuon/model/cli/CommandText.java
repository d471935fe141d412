package io.manifoldmuon.model.cli;

import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** Commands as they can be typed again. */
final class CommandText {
  private CommandText() {}

  /** The command that is running. */
  static String of(CommandSpec spec) {
    List<String> words = spec.commandLine().getParseResult().originalArgs();
    CommandLine root = spec.root().commandLine();
    List<String> all = root.getParseResult() == null ? words : root.getParseResult().originalArgs();
    return "./muon " + all.stream().map(CommandText::quoted).collect(Collectors.joining(" "));
  }

  /** A word for a shell, in quotes where it needs them. */
  static String quoted(String word) {
    return word.matches("[\\w@%+=:,./-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
