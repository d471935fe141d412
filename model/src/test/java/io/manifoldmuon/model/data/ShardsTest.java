package io.manifoldmuon.model.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShardsTest {
  @TempDir Path folder;

  /** A file laid out by hand: a header, then the ids. */
  private Path file(String name, int magic, int version, int count, int width, int... ids)
      throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate(1024 + width * ids.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(magic).putInt(version).putInt(count).position(1024);
    put(bytes, width, ids);
    return Files.write(folder.resolve(name), bytes.array());
  }

  private static void put(ByteBuffer bytes, int width, int... ids) {
    for (int id : ids) {
      if (width == 2) {
        bytes.putShort((short) id);
      } else {
        bytes.putInt(id);
      }
    }
  }

  private Path headerless(String name, int... ids) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(2 * ids.length).order(ByteOrder.LITTLE_ENDIAN);
    put(bytes, 2, ids);
    return Files.write(folder.resolve(name), bytes.array());
  }

  @Test
  void readsAllThreeLayoutsAsOneSequence() throws IOException {
    Path a = file("a.bin", 20240520, 1, 3, 2, 50_256, 65_535, 7);
    Path b = file("b.bin", 20240801, 7, 2, 4, 128_000, 5);
    Path c = headerless("c.bin", 40_000, 1);
    try (Arena arena = Arena.ofConfined()) {
      Tokens tokens = Shards.open("all", List.of(a, b, c), arena);
      assertThat(TestTexts.all(tokens)).containsExactly(50_256, 65_535, 7, 128_000, 5, 40_000, 1);
      assertThat(tokens.name()).isEqualTo("all");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "20240520, 2, 3, version 2",
    "20240520, 1, 4, 4 tokens",
    "20240520, 1, 2, 2 tokens",
    "20240520, 1, -3, -3 tokens",
    "20240520, 1, 2147483647, '2,147,483,647 tokens'",
    "20240801, 1, 3, version 1",
    "20240801, 7, 3, 3 tokens",
  })
  void rejectsAHeaderThatDoesNotFitTheFile(int magic, int version, int count, String says)
      throws IOException {
    Path bad = file("bad.bin", magic, version, count, 2, 1, 2, 3);
    rejected(bad, says);
  }

  @Test
  void rejectsTruncatedOddEmptyAndMissingFiles() throws IOException {
    ByteBuffer start = ByteBuffer.allocate(512).order(ByteOrder.LITTLE_ENDIAN);
    start.putInt(20240520).putInt(1).putInt(0);
    rejected(Files.write(folder.resolve("header.bin"), start.array()), "truncated");
    rejected(Files.write(folder.resolve("odd.bin"), new byte[7]), "odd number");
    rejected(Files.write(folder.resolve("empty.bin"), new byte[0]), "empty");
    rejected(file("none.bin", 20240520, 1, 0, 2), "0 tokens");
    rejected(folder.resolve("missing.bin"), "no such file");
  }

  private void rejected(Path file, String says) {
    try (Arena arena = Arena.ofConfined()) {
      assertThatThrownBy(() -> Shards.open(file, arena))
          .isInstanceOf(DataException.class)
          .hasMessageContaining(file.toString())
          .hasMessageContaining(says);
    }
  }
}
