package io.manifoldmuon.model.cli;

import java.io.Console;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.Help.Ansi;

/**
 * Where a command writes: results to {@code out}, messages to {@code err}. On a terminal one line
 * can be rewritten in place; in a pipe or file nothing is.
 */
final class Terminal {
  private static final int USUAL_WIDTH = 80;
  private static final int LEAST_WIDTH = 20;

  private final PrintStream out;
  private final PrintStream err;
  private final boolean interactive;
  private final int width;
  private boolean lineOpen;

  Terminal(PrintStream out, PrintStream err) {
    this(out, err, isTerminal(), columns());
  }

  Terminal(PrintStream out, PrintStream err, boolean interactive) {
    this(out, err, interactive, USUAL_WIDTH);
  }

  /**
   * A terminal.
   *
   * @param columns the characters of a line
   */
  Terminal(PrintStream out, PrintStream err, boolean interactive, int columns) {
    this.width = Math.max(LEAST_WIDTH, columns) - 1; // a full line would go on to the next
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

  /** The width by the variable COLUMNS, by the program stty, or the usual one. */
  private static int columns() {
    String given = System.getenv("COLUMNS");
    if (given != null && given.matches("[1-9]\\d{0,3}")) {
      return Integer.parseInt(given);
    }
    return isTerminal() ? sttyColumns() : USUAL_WIDTH;
  }

  private static int sttyColumns() {
    try {
      Process stty =
          new ProcessBuilder("stty", "size")
              .redirectInput(ProcessBuilder.Redirect.INHERIT)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String size = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      String[] words = size.strip().split(" ");
      return words.length == 2 && words[1].matches("[1-9]\\d{0,3}")
          ? Integer.parseInt(words[1])
          : USUAL_WIDTH;
    } catch (IOException e) { // a system without stty
      return USUAL_WIDTH;
    }
  }

  /** The characters that fit into a line. */
  int width() {
    return width;
  }

  /** The same terminal with results and messages both on {@code err}, for commands with --json. */
  Terminal messagesOnly() {
    return new Terminal(err, err, interactive, width + 1);
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
    String shown = text.length() > width ? text.substring(0, width) : text;
    out.print("\r" + shown + " ".repeat(width - shown.length()) + "\r" + shown);
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
