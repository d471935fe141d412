package io.manifoldmuon.model.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.manifoldmuon.model.config.DataConfig;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PreparerTest {
  @TempDir Path folder;

  private Path texts() throws IOException {
    for (int i = 0; i < 25; i++) {
      String text = TestTexts.random(i, 100 + 37 * i);
      TestTexts.write(folder.resolve("texts/%d.txt".formatted(i)), text);
    }
    return folder.resolve("texts");
  }

  private Preparer.Report prepare(DataConfig config, Preparer.Target target) {
    return Preparer.prepare(config, target, notice -> {}, (read, total, tokens) -> {});
  }

  private Preparer.Target target(int shardTokens, boolean overwrite) {
    return new Preparer.Target(folder.resolve("out"), "set", shardTokens, overwrite);
  }

  /** Tokens written and read back are those of the text, whatever the size of the shards. */
  @ParameterizedTest
  @ValueSource(strings = {"bytes", "gpt2"})
  void shardsHaveTheTokensOfTheText(String tokenizer) throws IOException {
    var config = new DataConfig(texts().toString(), tokenizer, 0.2, 0);
    Preparer.Report report = prepare(config, target(1000, false));
    assertThat(report.files()).hasSizeGreaterThan(3).allMatch(Files::exists);
    var shards = new DataConfig(folder.resolve("out").toString(), tokenizer, 0.5, 0);
    try (Dataset direct = Dataset.open(config, 8, notice -> {});
        Dataset read = Dataset.open(shards, 8, notice -> {})) {
      assertThat(TestTexts.all(read.train())).isEqualTo(TestTexts.all(direct.train()));
      assertThat(TestTexts.all(read.validation())).isEqualTo(TestTexts.all(direct.validation()));
      assertThat(read.contentHash()).isEqualTo(direct.contentHash());
      assertThat(report.trainTokens()).isEqualTo(direct.train().size());
      assertThat(report.validationTokens()).isEqualTo(direct.validation().size());
    }
  }

  @Test
  void theLayoutIsThatOfLlmC() throws IOException {
    Path text = TestTexts.write(folder.resolve("a.txt"), "Hello world".repeat(10));
    var config = new DataConfig(text.toString(), "gpt2", 0.5, 0);
    Path file = prepare(config, target(100, false)).files().getFirst();
    assertThat(file.getFileName()).hasToString("set_train_000000.bin");
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int count = (bytes.capacity() - 1024) / 2;
    assertThat(bytes.getInt(0)).isEqualTo(20240520);
    assertThat(bytes.getInt(4)).isEqualTo(1);
    assertThat(bytes.getInt(8)).isEqualTo(count);
    for (int i = 12; i < 1024; i++) {
      assertThat(bytes.get(i)).isZero();
    }
    assertThat(bytes.getShort(1024) & 0xFFFF).isEqualTo(50_256);
    assertThat(bytes.getShort(1026) & 0xFFFF).isEqualTo(15_496);
  }

  /** Whatever words of its own the name has. */
  @ParameterizedTest
  @ValueSource(strings = {"train", "val", "valid-set", "a-training-set"})
  void theSplitThatWasWrittenIsTheOneThatIsRead(String name) throws IOException {
    var written = new DataConfig(texts().toString(), "bytes", 0.4, 0);
    prepare(written, new Preparer.Target(folder.resolve("out"), name, 300, false));
    var notices = new ArrayList<String>();
    var shards = new DataConfig(folder.resolve("out").toString(), "bytes", 0.1, 0);
    try (Dataset text = Dataset.open(written, 8, notices::add);
        Dataset read = Dataset.open(shards, 8, notices::add)) {
      assertThat(TestTexts.all(read.train())).containsExactly(TestTexts.all(text.train()));
      assertThat(TestTexts.all(read.validation()))
          .containsExactly(TestTexts.all(text.validation()));
      assertThat(notices).isEmpty();
    }
    Path stray = folder.resolve("out/more.bin");
    try (Stream<Path> all = Files.list(folder.resolve("out"))) {
      Files.copy(all.findFirst().orElseThrow(), stray);
    }
    try (Dataset read = Dataset.open(shards, 8, notices::add)) {
      assertThat(notices).hasSize(1);
      assertThat(notices.getFirst()).contains("more.bin says neither train nor val", "0.1");
      assertThat(read.validation().size()).isLessThan(read.train().size());
    }
  }

  @Test
  void largeVocabulariesTake32Bits() throws IOException {
    try (var writer = new ShardWriter(folder, "big", 128_256, 2);
        Arena arena = Arena.ofConfined()) {
      writer.accept(new int[] {9, 128_255, 70_000, 1}, 1, 3);
      List<Path> files = writer.commit();
      assertThat(files).hasSize(2);
      assertThat(TestTexts.all(Shards.open("big", files, arena)))
          .containsExactly(128_255, 70_000, 1);
    }
  }

  @Test
  void progressGoesUpToTheEnd() throws IOException {
    var config = new DataConfig(texts().toString(), "gpt2", 0.2, 0);
    var reads = new ArrayList<Long>();
    var totals = new ArrayList<Long>();
    Preparer.prepare(
        config,
        target(1000, false),
        notice -> {},
        (read, total, tokens) -> {
          reads.add(read);
          totals.add(total);
        });
    assertThat(reads).isSorted();
    assertThat(reads.getLast()).isEqualTo(totals.getLast());
    assertThat(totals).containsOnly(totals.getFirst());
  }

  @Test
  void existingShardsAreKeptOrReplacedAltogether() throws IOException {
    var config = new DataConfig(texts().toString(), "bytes", 0.2, 0);
    List<Path> many = prepare(config, target(500, false)).files();
    assertThatThrownBy(() -> prepare(config, target(100_000, false)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("there already");
    assertThat(many).allMatch(Files::exists);
    List<Path> few = prepare(config, target(100_000, true)).files();
    assertThat(few).hasSize(2);
    try (var left = Files.list(folder.resolve("out"))) {
      assertThat(left).containsExactlyInAnyOrderElementsOf(few);
    }
  }

  /** The second document fails while it is read, after shards of the first were written. */
  @Test
  void aFailureLeavesNothingBehind() throws IOException {
    Path zip =
        TestTexts.zip(
            folder.resolve("bad.zip"),
            TestTexts.entries("a", "x".repeat(90_000), "b", "0123456789".repeat(9_000)));
    byte[] bytes = Files.readAllBytes(zip);
    String latin = new String(bytes, StandardCharsets.ISO_8859_1);
    int second = latin.lastIndexOf("PK\u0001\u0002");
    bytes[second + 24]++; // one byte more than there is: seen only at the end of the entry
    Files.write(zip, bytes);
    var config = new DataConfig(zip.toString(), "bytes", 0.1, 0);
    assertThatThrownBy(() -> prepare(config, target(1000, false)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("bad.zip");
    try (var left = Files.list(folder.resolve("out"))) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void badTargetsAndSourcesAreRejected() throws IOException {
    Path text = TestTexts.write(folder.resolve("a.txt"), "some text");
    var config = new DataConfig(text.toString(), "bytes", 0.1, 0);
    var inFile = new Preparer.Target(text.resolve("out"), "set", 10, false);
    assertThatThrownBy(() -> prepare(config, inFile)).isInstanceOf(DataException.class);
    assertThatThrownBy(() -> new Preparer.Target(folder, "../x", 10, false))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("../x");
    assertThatThrownBy(() -> target(0, false)).isInstanceOf(DataException.class);
    List<Path> shards = prepare(config, target(10, false)).files();
    var again = new DataConfig(shards.getFirst().toString(), "bytes", 0.1, 0);
    assertThatThrownBy(() -> prepare(again, target(10, true)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("token shards already");
  }
}
