package io.manifoldmuon.tests.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the documents name is there: classes, files, headings, commands and their options. */
class DocumentsTest {
  private static final Path ROOT = Path.of("..");
  private static final int LEAST_DOCUMENTS = 10;
  private static final int LEAST_LINKS = 40;
  private static final int LEAST_COMMANDS = 60;

  /** Commands of the launcher, not of the program. */
  private static final Set<String> OF_THE_LAUNCHER = Set.of("test", "java");

  private static final Pattern CLASS = Pattern.compile("`([A-Z][a-z]\\w+)(?:[.#(][^`]*)?`");
  private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");
  private static final Pattern COMMAND =
      Pattern.compile("(?:^|[`\\s(])\\./muon ((?:[^`\\n\\\\|>;]|\\\\\\n)+)", Pattern.MULTILINE);
  private static final Pattern OPTION = Pattern.compile("(?<![\\w-])--[a-z][a-z-]*");

  private final Map<String, String> helps = new HashMap<>();

  @Test
  void classesAreThere() throws IOException {
    Set<String> classes = new HashSet<>();
    for (Path p : files(".java")) {
      classes.addAll(words(Files.readString(p)));
    }
    List<String> missing = new ArrayList<>();
    for (Path p : documents()) {
      for (String name : found(CLASS, Files.readString(p))) {
        if (!classes.contains(name)) {
          missing.add(p + ": " + name);
        }
      }
    }
    assertThat(missing).isEmpty();
  }

  private static List<String> words(String text) {
    return Arrays.asList(text.split("\\W+"));
  }

  @Test
  void linksLeadSomewhere() throws IOException {
    int links = 0;
    List<String> broken = new ArrayList<>();
    for (Path p : documents()) {
      for (String link : found(LINK, Files.readString(p))) {
        if (!link.contains("://")) {
          links++;
          String[] parts = link.split("#", 2);
          Path to = parts[0].isEmpty() ? p : p.resolveSibling(parts[0]);
          if (!Files.exists(to) || (parts.length == 2 && !anchors(to).contains(parts[1]))) {
            broken.add(p + ": " + link);
          }
        }
      }
    }
    assertThat(broken).isEmpty();
    assertThat(links).isGreaterThan(LEAST_LINKS);
  }

  /** What links to the headings of a document end in. */
  private static Set<String> anchors(Path document) throws IOException {
    Set<String> anchors = new HashSet<>();
    for (String line : Files.readAllLines(document)) {
      if (line.startsWith("#")) {
        anchors.add(
            line.replaceFirst("#+ ", "")
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N} _-]", "")
                .replace(' ', '-'));
      }
    }
    return anchors;
  }

  @Test
  void commandsAreUnderstood() throws IOException {
    int commands = 0;
    List<String> unknown = new ArrayList<>();
    for (Path p : documents()) {
      for (String line : found(COMMAND, Files.readString(p))) {
        String command = line.replaceAll("\\s#.*", "").replace("\\\n", " ").strip();
        String name = command.split("\\s+")[0];
        if (name.matches("[a-z][a-z-]*") && !OF_THE_LAUNCHER.contains(name)) {
          commands++;
          List<String> options = found(OPTION, help(command.split("\\s+")));
          found(OPTION, command).stream()
              .filter(option -> !options.contains(option))
              .forEach(option -> unknown.add(p + ": " + command + " (" + option + ")"));
        }
      }
    }
    assertThat(unknown).isEmpty();
    assertThat(commands).isGreaterThan(LEAST_COMMANDS);
  }

  /** The help of a command, or of its subcommand where the second word is one. */
  private String help(String... words) {
    String own = helps.computeIfAbsent(words[0], w -> helpOf(List.of(w)));
    boolean nested =
        own.contains("Commands:") && words.length > 1 && own.contains("\n  " + words[1]);
    return nested
        ? helps.computeIfAbsent(words[0] + " " + words[1], _ -> helpOf(List.of(words[0], words[1])))
        : own;
  }

  private static String helpOf(List<String> command) {
    List<String> words = new ArrayList<>(command);
    words.add("--help");
    Muon.Outcome outcome = Muon.run(words);
    assertThat(outcome.code()).as("%s%s", words, outcome.err()).isZero();
    return outcome.out();
  }

  private static List<String> found(Pattern pattern, String text) {
    return pattern
        .matcher(text)
        .results()
        .map((MatchResult r) -> r.groupCount() == 0 ? r.group() : r.group(1))
        .toList();
  }

  private static List<Path> documents() throws IOException {
    List<Path> documents = files(".md");
    assertThat(documents).hasSizeGreaterThan(LEAST_DOCUMENTS);
    return documents;
  }

  private static List<Path> files(String ending) throws IOException {
    try (Stream<Path> paths = Files.walk(ROOT)) {
      return paths
          .filter(p -> p.toString().endsWith(ending))
          .filter(p -> !p.toString().contains("/target/") && !p.toString().contains("/runs/"))
          .toList();
    }
  }
}
