package io.manifoldmuon.model.cli;

import java.io.Console;
import java.io.PrintStream;
import picocli.CommandLine.Help.Ansi;

/**
 * Where a command writes: results to {@code out}, messages to {@code err}. On a terminal one line
 * can be rewritten in place; in a pipe or file nothing is.
 */
final class Terminal {
  private static final int WIDTH = 79;

  private final PrintStream out;
  private final PrintStream err;
  private final boolean interactive;
  private boolean lineOpen;

  Terminal(PrintStream out, PrintStream err) {
    this(out, err, isTerminal());
  }

  Terminal(PrintStream out, PrintStream err, boolean interactive) {
    this.out = out;
    this.err = err;
    this.interactive = interactive;
  }

  @SuppressWarnings("SystemConsoleNull") // the check knows JDK 22; since 24 it is null again
  private static boolean isTerminal() {
    Console console = System.console();
    String kind = System.getenv("TERM");
    return console != null && console.isTerminal() && kind != null && !kind.equals("dumb");
  }

  /** The same terminal with results and messages both on {@code err}, for commands with --json. */
  Terminal messagesOnly() {
    return new Terminal(err, err, interactive);
  }

  PrintStream out() {
    closeLine();
    return out;
  }

  PrintStream err() {
    closeLine();
    return err;
  }

  /** Whether a person watches. */
  boolean interactive() {
    return interactive;
  }

  /** Whether colour may be used: on a terminal, unless NO_COLOR is set. */
  Ansi ansi() {
    String no = System.getenv("NO_COLOR");
    return interactive && (no == null || no.isEmpty()) ? Ansi.ON : Ansi.OFF;
  }

  /** Prints a line. */
  void line(String text) {
    closeLine();
    out.println(text);
  }

  /** Prints without ending the line. */
  void print(String text) {
    closeLine();
    out.print(text);
    out.flush();
  }

  /** Prints something worth knowing. */
  void notice(String text) {
    line(oneLine(text));
  }

  /** Prints a sentence that says what went wrong. */
  void error(String message) {
    closeLine();
    err.println("muon: " + oneLine(message));
  }

  /** Puts {@code text} in place of the line written by the last call; only on a terminal. */
  void rewrite(String text) {
    String shown = text.length() > WIDTH ? text.substring(0, WIDTH) : text;
    out.print("\r" + shown + " ".repeat(WIDTH - shown.length()) + "\r" + shown);
    out.flush();
    lineOpen = true;
  }

  /** Keeps the rewritten line and goes to the next. */
  void endLine() {
    closeLine();
  }

  private void closeLine() {
    if (lineOpen) {
      lineOpen = false;
      out.println();
    }
  }

  private static String oneLine(String text) {
    return text == null ? "unknown problem" : text.strip().replaceAll("\\s*\\R\\s*", " ");
  }
}
