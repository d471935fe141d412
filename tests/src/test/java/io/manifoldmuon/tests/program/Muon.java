package io.manifoldmuon.tests.program;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.manifoldmuon.model.cli.Main;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Runs commands in this JVM as {@code muon} would. */
final class Muon {
  private Muon() {}

  /** What a command left. */
  record Outcome(int code, String out, String err) {

    /** The one line of JSON that a command printed which did its work. */
    JsonNode json() {
      assertThat(code).as(err).isZero();
      assertThat(out.strip().lines()).hasSize(1);
      try {
        return new ObjectMapper().readTree(out);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  static Outcome run(List<String> args) {
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    int code =
        Main.run(
            args.toArray(String[]::new),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8));
    return new Outcome(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  static Outcome run(String... args) {
    return run(List.of(args));
  }

  /** The words of a command, with {@code --set} before each setting. */
  static List<String> command(String name, List<String> settings, String... more) {
    List<String> words = new ArrayList<>(List.of(name));
    settings.forEach(setting -> words.addAll(List.of("--set", setting)));
    words.addAll(List.of(more));
    return words;
  }
}
