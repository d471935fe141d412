package io.manifoldmuon.model.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceTest {
  @TempDir Path folder;

  private final List<String> notices = new ArrayList<>();

  private Selection select(String path) {
    return select(path, 0);
  }

  private Selection select(String path, long maxBytes) {
    if (!(Source.of(path) instanceof Source.Text(Corpus corpus))) {
      throw new AssertionError("no text: " + path);
    }
    try (corpus) {
      return TextSource.select(corpus, maxBytes, new ByteTokenizer(), notices::add);
    }
  }

  private static List<String> names(Selection selection) {
    return selection.texts().stream().map(t -> t.document().name()).toList();
  }

  private void write(String name, String text) throws IOException {
    TestTexts.write(folder.resolve(name), text);
  }

  @Test
  void aFolderGivesItsTextFilesSortedAndCountsTheBinaryOnes() throws IOException {
    String spaced = TestTexts.fileName("b/ü ber/two words.txt", "b/u ber/two words.txt");
    write(spaced, "two");
    write("a.txt", "one");
    write("c.java", "three");
    write("picture.png", "\u0000\u0001");
    write("empty.txt", "");
    write(".git/config", "hidden");
    write("shard.bin", "text in a shard");
    Selection found = select(folder.toString());
    assertThat(names(found)).containsExactly("a.txt", spaced, "c.java");
    assertThat(found.binary()).isEqualTo(1);
    assertThat(found.empty()).isEqualTo(1);
    assertThat(notices).singleElement().asString().contains("skipped 1 binary");
  }

  @Test
  void severalFilesAreTakenInTheGivenOrder() throws IOException {
    write("b.txt", "b");
    write("a.txt", "a");
    String both = folder.resolve("b.txt") + ", " + folder.resolve("a.txt");
    assertThat(names(select(both))).containsExactly("b.txt", "a.txt");
    assertThatThrownBy(() -> select(both + "," + folder.resolve("none.txt")))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("none.txt");
  }

  @Test
  void aNameThatExistsIsTakenLiterally() throws IOException {
    write("odd, name*[1].txt", "text");
    assertThat(select(folder.resolve("odd, name*[1].txt").toString()).bytes()).isEqualTo(4);
  }

  @Test
  void globsMatchBelowTheirFolder() throws IOException {
    write("x/a.txt", "a");
    write("x/y/b.txt", "b");
    write("x/y/c.md", "c");
    assertThat(names(select(folder + "/x/*.txt"))).containsExactly("a.txt");
    assertThat(names(select(folder + "/x/**/*.txt"))).containsExactly("a.txt", "y/b.txt");
    assertThat(names(select(folder + "/**.{txt,md}")))
        .containsExactly("x/a.txt", "x/y/b.txt", "x/y/c.md");
    rejected(folder + "/x/*.tex", "matches no files");
    rejected(folder + "/nowhere/*.txt", "nowhere");
    rejected(folder + "/x/[a.txt", "no valid glob");
  }

  @Test
  void aZipGivesItsEntriesSortedAndNothingEscapes() throws IOException {
    Path zip =
        TestTexts.zip(
            folder.resolve("texts.zip"),
            TestTexts.entries(
                "b.txt",
                "bee",
                "../../evil.txt",
                "evil",
                "a/",
                "",
                "a/c.txt",
                "sea",
                "__MACOSX/x",
                "mac",
                ".hidden",
                "dot",
                "bin",
                "\u0000"));
    Selection found = select(zip.toString());
    assertThat(names(found)).containsExactly("../../evil.txt", "a/c.txt", "b.txt");
    assertThat(found.binary()).isEqualTo(1);
    assertThat(folder.getParent().resolve("evil.txt")).doesNotExist();
    assertThat(folder.getParent().getParent().resolve("evil.txt")).doesNotExist();
  }

  @Test
  void anArchiveThatIsNoneIsRejected() throws IOException {
    write("not.zip", "plain text");
    rejected(folder.resolve("not.zip").toString(), "not a zip file");
  }

  /** The stated size of the entry is made smaller than what it inflates to. */
  @Test
  void anEntryThatInflatesToMoreThanItStatesIsRejected() throws IOException {
    Path zip =
        TestTexts.zip(
            folder.resolve("bomb.zip"), TestTexts.entries("big.txt", "x".repeat(100_000)));
    byte[] bytes = Files.readAllBytes(zip);
    int directory = indexOf(bytes, new byte[] {'P', 'K', 1, 2});
    bytes[directory + 24] = 100;
    bytes[directory + 25] = 0;
    bytes[directory + 26] = 0;
    Files.write(zip, bytes);
    assertThatThrownBy(() -> select(zip.toString()))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("big.txt")
        .hasMessageContaining("damaged");
  }

  @Test
  void anArchiveThatInflatesBeyondTheLimitIsRejectedBeforeItIsRead() throws IOException {
    Path zip =
        TestTexts.zip(folder.resolve("huge.zip"), TestTexts.entries("a", "text", "b", "text"));
    byte[] bytes = Files.readAllBytes(zip);
    int first = indexOf(bytes, new byte[] {'P', 'K', 1, 2});
    for (int i = 0; i < 4; i++) {
      bytes[first + 24 + i] = (byte) 0xF0;
    }
    Files.write(zip, bytes);
    try (var archive = Archives.open(zip)) {
      List<Document> documents = Archives.documents(archive);
      assertThat(documents.getFirst().size()).isEqualTo(0xF0F0F0F0L);
      var both = List.of(documents.getFirst(), documents.getFirst());
      var corpus =
          new Corpus("huge.zip", List.of(both), true, 0, Optional.empty(), List.of(archive));
      assertThatThrownBy(() -> Selection.of(corpus, 0, false))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("limit")
          .hasMessageContaining("data.max_bytes");
    }
  }

  @Test
  void shardsAreRecognisedByTheirNames() throws IOException {
    write("s/train_1.bin", "ab");
    write("s/train_0.bin", "ab");
    assertThat(Source.of(folder.resolve("s").toString()))
        .isInstanceOfSatisfying(
            Source.TokenFiles.class,
            s ->
                assertThat(s.files())
                    .extracting(f -> f.getFileName().toString())
                    .containsExactly("train_0.bin", "train_1.bin"));
    assertThat(Source.of(folder + "/s/*_1.bin")).isInstanceOf(Source.TokenFiles.class);
    write("text.txt", "text");
    rejected(folder.resolve("text.txt") + "," + folder.resolve("s/train_0.bin"), "both text and");
  }

  @Test
  void aLimitTakesASampleThatDoesNotDependOnThePlace() throws IOException {
    for (String place : List.of("here", "there")) {
      for (int i = 0; i < 50; i++) {
        write(place + "/doc" + i + ".txt", "0123456789");
      }
    }
    Selection some = select(folder.resolve("here").toString(), 105);
    assertThat(some.bytes()).isEqualTo(100);
    assertThat(names(select(folder.resolve("there").toString(), 105))).isEqualTo(names(some));
    List<String> all = names(select(folder.resolve("here").toString()));
    assertThat(all).hasSize(50).startsWith(names(some).toArray(String[]::new));
    assertThat(all).isNotEqualTo(all.stream().sorted().toList());
  }

  @Test
  void aLimitBelowTheOnlyTextTakesItsStart() throws IOException {
    write("one.txt", "aé漢");
    Path file = folder.resolve("one.txt");
    assertThat(select(file.toString(), 2).bytes()).isEqualTo(2);
    try (var corpus = ((Source.Text) Source.of(file.toString())).corpus()) {
      assertThat(Selection.of(corpus, 2, true).bytes()).isEqualTo(1);
      assertThat(Selection.of(corpus, 3, true).bytes()).isEqualTo(3);
      assertThat(Selection.of(corpus, 6, true).bytes()).isEqualTo(6);
    }
  }

  @Test
  void whatHasNoTextIsRejectedWithTheReason() throws IOException {
    rejected(folder.resolve("missing.txt").toString(), "no such file");
    Files.createDirectories(folder.resolve("bare"));
    rejected(folder.resolve("bare").toString(), "no files");
    write("empty.txt", "");
    rejected(folder.resolve("empty.txt").toString(), "is empty");
    write("program.exe", "MZ\u0000");
    rejected(folder.resolve("program.exe").toString(), "is not text");
    write("junk/a", "\u0000");
    write("junk/b", "");
    rejected(folder.resolve("junk").toString(), "1 binary and 1 empty");
    rejected("a\u0000b", "no path");
  }

  @Test
  void anUnreadableFileIsRejected() throws IOException {
    write("secret.txt", "text");
    Path file = folder.resolve("secret.txt");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("---------"));
    assumeFalse(Files.isReadable(file), "this user can read every file");
    rejected(file.toString(), "permission denied");
  }

  private void rejected(String path, String says) {
    assertThatThrownBy(() -> select(path))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(says)
        .message()
        .doesNotContain("\n");
  }

  private static int indexOf(byte[] bytes, byte[] wanted) {
    return new String(bytes, StandardCharsets.ISO_8859_1)
        .indexOf(new String(wanted, StandardCharsets.ISO_8859_1));
  }
}
