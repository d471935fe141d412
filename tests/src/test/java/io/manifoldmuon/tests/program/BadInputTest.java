package io.manifoldmuon.tests.program;

import static org.assertj.core.api.Assertions.assertThat;

import io.manifoldmuon.tests.program.Muon.Outcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Bad input ends a command with exit code 2 and one sentence, and leaves every file as it was.
 *
 * <p>Each case runs beside good files; whatever a command creates, changes or deletes is found.
 */
class BadInputTest {
  private static final String SAFETENSORS = "model.safetensors";

  @TempDir static Path temp;

  /**
   * A command that must be refused.
   *
   * @param name what is wrong
   * @param says what the sentence names
   * @param args the command; {@code @} stands for the folder of files
   */
  record Case(String name, String says, List<String> args) {
    @Override
    public String toString() {
      return name;
    }
  }

  @BeforeAll
  static void writeFiles() throws IOException {
    String licence = Files.readString(Path.of("..", "LICENSE"), StandardCharsets.US_ASCII);
    Path text = Files.writeString(temp.resolve("good.txt"), licence);
    Files.createFile(temp.resolve("empty.txt"));
    Files.writeString(temp.resolve("short.txt"), licence.substring(0, 20));
    Files.createDirectories(temp.resolve("used"));
    Files.writeString(temp.resolve("used/mine.txt"), "mine");
    Files.writeString(temp.resolve("type.yaml"), "train:\n  steps: many\n");
    Files.writeString(temp.resolve("unknown.yaml"), "train:\n  stepz: 4\n");
    Files.writeString(temp.resolve("broken.yaml"), "train: {steps: 4\n");
    Outcome good =
        Muon.run(
            Muon.command(
                "train",
                SmallRun.settings("train.steps=2", "train.eval_windows=2"),
                "--data=" + text,
                "--out=" + temp.resolve("good")));
    assertThat(good.code()).as(good.err()).isZero();
    byte[] weights = Files.readAllBytes(temp.resolve("good/final/" + SAFETENSORS));
    checkpoint("truncated", Arrays.copyOf(weights, weights.length - 4));
    checkpoint("cut-in-header", Arrays.copyOf(weights, 100));
    checkpoint("no-bytes", new byte[0]);
    checkpoint(
        "not-safetensors", "This is a letter, not a model.".getBytes(StandardCharsets.US_ASCII));
    checkpoint("long-header", withHeaderLength(weights, Long.MAX_VALUE));
    checkpoint("negative-header", withHeaderLength(weights, -1));
    checkpoint("lying-shape", replaced(weights, "\"shape\":[256,32]", "\"shape\":[256,31]"));
    checkpoint("lying-type", replaced(weights, "\"F32\"", "\"F64\""));
    checkpoint("lying-name", replaced(weights, "embed.weight", "embed.weighs"));
  }

  private static void checkpoint(String name, byte[] weights) throws IOException {
    Path folder = Files.createDirectory(temp.resolve(name));
    Files.copy(temp.resolve("good/final/config.yaml"), folder.resolve("config.yaml"));
    Files.write(folder.resolve(SAFETENSORS), weights);
  }

  private static byte[] withHeaderLength(byte[] file, long length) {
    byte[] copy = file.clone();
    ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN).putLong(0, length);
    return copy;
  }

  private static byte[] replaced(byte[] file, String old, String wrong) {
    String text = new String(file, StandardCharsets.ISO_8859_1);
    assertThat(text).contains(old);
    assertThat(wrong).hasSameSizeAs(old);
    int at = text.indexOf(old);
    return (text.substring(0, at) + wrong + text.substring(at + old.length()))
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  static Stream<Case> badInput() {
    List<Case> cases = new ArrayList<>();
    cases.add(train("missing text", "none.txt", "--data=@/none.txt"));
    cases.add(train("empty text", "empty", "--data=@/empty.txt"));
    cases.add(train("glob without files", "matches no files", "--data=@/nothing-*"));
    cases.add(train("text shorter than a window", "one window needs 33", "--data=@/short.txt"));
    cases.add(train("missing configuration", "none.yaml", "--config=@/none.yaml"));
    cases.add(train("wrong type in a file", "train.steps", "--config=@/type.yaml"));
    cases.add(train("broken YAML", "broken.yaml", "--config=@/broken.yaml"));
    cases.add(train("unknown key in a file", "train.steps", "--config=@/unknown.yaml"));
    cases.add(train("wrong type", "train.steps", "--set=train.steps=1.5"));
    cases.add(train("unknown key", "d_model", "--set=model.d_modl=8"));
    cases.add(train("D not divisible by H", "model.n_heads", "--set=model.n_heads=5"));
    cases.add(train("k > E", "model.top_k", "--set=model.top_k=5"));
    cases.add(train("not a number", "optimizer.adamw.lr", "--set=optimizer.adamw.lr=NaN"));
    cases.add(train("output is a file", "good.txt", "--out=@/good.txt"));
    cases.add(train("output below a file", "good.txt", "--out=@/good.txt/run"));
    cases.add(train("output in use", "not empty", "--out=@/used"));
    cases.add(train("unknown option", "--dta", "--dta=x"));
    for (String damaged :
        List.of(
            "truncated",
            "cut-in-header",
            "no-bytes",
            "not-safetensors",
            "long-header",
            "negative-header",
            "lying-shape",
            "lying-type",
            "lying-name")) {
      String file = damaged + "/" + SAFETENSORS;
      cases.add(
          refused(
              "eval " + damaged, file, "eval", "--data=@/good.txt", "--checkpoint=@/" + damaged));
      if (!damaged.equals("lying-name")) { // a good file, of another model
        cases.add(refused("inspect " + damaged, file, "inspect", "@/" + file));
      }
      cases.add(refused("sample " + damaged, file, "sample", "--checkpoint=@/" + damaged));
      cases.add(train("train from " + damaged, file, "--set=train.init_from=@/" + damaged));
    }
    cases.add(
        refused(
            "gradients below a file",
            "good.txt",
            "gradients",
            "--checkpoint=@/good",
            "--data=@/good.txt",
            "--windows=1",
            "--out=@/good.txt/g.safetensors"));
    cases.add(refused("inspect a text", "good.txt", "inspect", "@/good.txt"));
    cases.add(refused("inspect nothing", "none", "inspect", "@/none"));
    cases.add(refused("inspect a folder without weights", "used", "inspect", "@/used"));
    cases.add(refused("prepare empty", "empty", "prepare", "--data=@/empty.txt", "--out=@/shards"));
    cases.add(
        refused(
            "prepare into a file",
            "used",
            "prepare",
            "--data=@/good.txt",
            "--out=@/used/mine.txt"));
    return cases.stream();
  }

  /** A training that would succeed without {@code wrong}, which comes last and so wins. */
  private static Case train(String name, String says, String wrong) {
    List<String> settings = SmallRun.settings("train.steps=2", "train.eval_windows=2");
    return new Case(
        name, says, Muon.command("train", settings, "--data=@/good.txt", "--out=@/run", wrong));
  }

  private static Case refused(String name, String says, String... args) {
    return new Case(name, says, List.of(args));
  }

  @ParameterizedTest
  @MethodSource("badInput")
  void isRefusedInOneSentence(Case bad) {
    Map<String, String> before = files();
    Outcome outcome =
        Muon.run(bad.args().stream().map(a -> a.replace("@", temp.toString())).toList());
    assertThat(outcome.code()).as(outcome.err()).isEqualTo(2);
    assertThat(outcome.err().lines()).as(outcome.err()).hasSize(1);
    assertThat(outcome.err())
        .startsWith("muon: ")
        .contains(bad.says())
        .doesNotContain("Exception")
        .doesNotContainPattern("\\bat [\\w.$]+\\(") // a stack frame
        .doesNotContain("io.manifoldmuon");
    assertThat(files()).as("files after the command").isEqualTo(before);
  }

  /** Every file and folder with its content. */
  private static Map<String, String> files() {
    Map<String, String> all = new TreeMap<>();
    try (Stream<Path> walk = Files.walk(temp)) {
      for (Path path : walk.toList()) {
        all.put(
            path.toString(),
            Files.isDirectory(path)
                ? "folder"
                : Files.readString(path, StandardCharsets.ISO_8859_1));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return all;
  }
}
