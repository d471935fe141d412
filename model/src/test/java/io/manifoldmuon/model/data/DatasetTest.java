package io.manifoldmuon.model.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.manifoldmuon.model.config.DataConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetTest {
  @TempDir Path folder;

  private final List<String> notices = new ArrayList<>();

  private Dataset open(DataConfig config, int context) {
    return Dataset.open(config, context, notices::add);
  }

  private static DataConfig bytes(Path path) {
    return new DataConfig(path.toString(), "bytes", 0.1, 0);
  }

  @Test
  void oneTextIsSplitAtNineTenthsOfItsBytes() throws IOException {
    String text = TestTexts.random(1, 5000);
    byte[] raw = text.getBytes(StandardCharsets.UTF_8);
    String name = TestTexts.fileName("ein Text – 漢字.txt", "ein Text.txt");
    Path file = TestTexts.write(folder.resolve(name), text);
    try (Dataset data = open(bytes(file), 64)) {
      int cut = (int) Math.floor(0.9 * raw.length);
      assertThat(data.train().size()).isEqualTo(cut);
      int[] ids = data.tokenizer().encode(raw);
      assertThat(TestTexts.all(data.train())).isEqualTo(Arrays.copyOf(ids, cut));
      assertThat(TestTexts.all(data.validation()))
          .isEqualTo(Arrays.copyOfRange(ids, cut, ids.length));
      assertThat(data.description()).contains(name, "bytes");
      assertThat(data.lossFloor()).isEmpty();
      assertThat(notices).isEmpty();
    }
  }

  @Test
  void gpt2DocumentsStartWithEndOfText() throws IOException {
    TestTexts.write(folder.resolve("d/a.txt"), "Hello world");
    TestTexts.write(folder.resolve("d/b.txt"), "Hello world Hello world");
    var config = new DataConfig(folder.resolve("d").toString(), "gpt2", 0.25, 0);
    try (Dataset data = open(config, 1)) {
      assertThat(TestTexts.all(data.train())).startsWith(50_256, 15_496, 995, 50_256, 15_496, 995);
      assertThat(TestTexts.all(data.validation())).doesNotContain(50_256);
    }
  }

  @Test
  void wholeTextForEvaluationIsTheTextAndNothingElse() throws IOException {
    Path file = TestTexts.write(folder.resolve("a.txt"), "Hello world");
    var config = new DataConfig(file.toString(), "gpt2", 0.1, 0);
    try (Dataset data = Dataset.openWhole(config, 1, notices::add)) {
      assertThat(TestTexts.all(data.validation())).containsExactly(15_496, 995);
      assertThat(data.train()).isSameAs(data.validation());
    }
  }

  @Test
  void manyDocumentsAreSplitByDocument() throws IOException {
    for (int i = 0; i < 40; i++) {
      TestTexts.write(
          folder.resolve("d/%02d.txt".formatted(i)), "%c".formatted('A' + i).repeat(50));
    }
    try (Dataset data = open(bytes(folder.resolve("d")), 16)) {
      assertThat(data.train().size()).isEqualTo(36 * 50);
      assertThat(data.validation().size()).isEqualTo(4 * 50);
      assertThat(TestTexts.all(data.train())).doesNotContain(TestTexts.all(data.validation()));
    }
  }

  @Test
  void givenValidationTextIsUsedWhole() throws IOException {
    Path train = TestTexts.write(folder.resolve("train.txt"), "0123456789");
    Path validation = TestTexts.write(folder.resolve("val.txt"), "abcdef");
    var config = new DataConfig(train.toString(), validation.toString(), "bytes", 0.1, 0);
    try (Dataset data = open(config, 4)) {
      assertThat(data.tokenizer().decode(TestTexts.all(data.train()))).isEqualTo("0123456789");
      assertThat(data.tokenizer().decode(TestTexts.all(data.validation()))).isEqualTo("abcdef");
    }
  }

  @Test
  void aSplitShorterThanAWindowIsRejectedWithItsSizes() throws IOException {
    Path file = TestTexts.write(folder.resolve("short.txt"), "x".repeat(1000));
    assertThatThrownBy(() -> open(bytes(file), 100))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("validation")
        .hasMessageContaining("short.txt")
        .hasMessageContaining("100 tokens")
        .hasMessageContaining("needs 101");
    open(bytes(file), 99).close();
    assertThatThrownBy(() -> open(bytes(file), 900)).hasMessageContaining("training");
    assertThatThrownBy(() -> open(bytes(folder.resolve("gone.txt")), 8))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("no such file");
  }

  @Test
  void theContentHashKnowsTheContentNotThePlace() throws IOException {
    String text = TestTexts.random(8, 4000);
    Path a = TestTexts.write(folder.resolve("a.txt"), text);
    Path b = TestTexts.write(folder.resolve("b.txt"), text);
    Path c = TestTexts.write(folder.resolve("c.txt"), "!" + text.substring(1));
    assertThat(hash(a)).matches("[0-9a-f]{16}").isEqualTo(hash(b)).isNotEqualTo(hash(c));
  }

  private String hash(Path file) {
    try (Dataset data = open(bytes(file), 8)) {
      return data.contentHash();
    }
  }

  @Test
  void theJdkSourcesAreTheDefault() {
    assumeTrue(
        Files.isReadable(Path.of(System.getProperty("java.home"), "lib", "src.zip")),
        "this JDK ships no lib/src.zip");
    try (Dataset data = open(new DataConfig(null, "bytes", 0.1, 2_000_000), 128)) {
      long total = data.train().size() + data.validation().size();
      assertThat(total).isBetween(1_900_000L, 2_000_000L);
      assertThat(data.validation().size()).isBetween(150_000L, total / 10 + 1);
      assertThat(data.tokenizer().decode(TestTexts.all(data.train())))
          .contains("public class ", "package java.", "@since");
      try (Dataset again = open(new DataConfig("jdk", "bytes", 0.1, 2_000_000), 128)) {
        assertThat(again.contentHash()).isEqualTo(data.contentHash());
      }
    }
    assertThat(notices).isEmpty();
  }

  @Test
  void withoutJdkSourcesTheSyntheticLanguageIsChosenAloud() {
    var source = TextSource.resolve(null, 1000, notices::add, folder);
    assertThat(source)
        .isInstanceOfSatisfying(
            Source.Text.class, s -> assertThat(s.corpus().language()).isPresent());
    assertThat(notices)
        .singleElement()
        .asString()
        .contains("no lib/src.zip", folder.toString(), "synthetic language", "nats a byte");
    assertThatThrownBy(() -> TextSource.resolve("jdk", 0, notices::add, folder))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("lib/src.zip");
  }

  @Test
  void theSyntheticLanguageHasAFloorInBytesOnly() {
    try (Dataset data = open(new DataConfig("synthetic", "bytes", 0.1, 100_000), 32)) {
      assertThat(data.lossFloor()).hasValue(new SyntheticLanguage(1).floorNatsPerToken(32));
      assertThat(data.train().size()).isEqualTo(90_000);
    }
    try (Dataset data = open(new DataConfig("synthetic", "gpt2", 0.1, 100_000), 32)) {
      assertThat(data.lossFloor()).isEmpty();
    }
  }

  @Test
  void aFileIsReleasedWhenTheDatasetIsClosed() throws IOException {
    Path file = TestTexts.write(folder.resolve("a.txt"), "x".repeat(100));
    Tokens tokens;
    try (Dataset data = open(bytes(file), 4)) {
      tokens = data.train();
      assertThat(tokens.get(0)).isEqualTo('x');
    }
    assertThatThrownBy(() -> tokens.get(0)).isInstanceOf(IllegalStateException.class);
  }
}
