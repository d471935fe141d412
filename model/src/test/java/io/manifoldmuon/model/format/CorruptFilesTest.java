package io.manifoldmuon.model.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every way to be wrong has its own clear sentence, and none reaches memory by a lie. */
class CorruptFilesTest {
  private static final String GOOD =
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
          + "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]}}";
  private static final byte[] DATA = RawFile.f32(1, 2, 3);

  @TempDir Path folder;

  private void refused(byte[] content, String... problems) {
    Path file = RawFile.write(folder, content);
    assertThatThrownBy(() -> SafetensorsFile.open(file).close())
        .isInstanceOf(FormatException.class)
        .hasMessageStartingWith(file + ": ")
        .hasMessageContainingAll(problems)
        .satisfies(
            e ->
                assertThat(e.getMessage().substring(file.toString().length()))
                    .doesNotContain("\n")
                    .hasSizeLessThan(600));
  }

  @Test
  void theGoodOneIsGood() {
    try (SafetensorsFile f =
        SafetensorsFile.open(RawFile.write(folder, RawFile.bytes(GOOD, DATA)))) {
      assertThat(f.readFloats("b")).containsExactly(3);
    }
  }

  @Test
  void everyTruncationIsRefused() {
    byte[] whole = RawFile.bytes(GOOD, DATA);
    for (int length = 0; length < whole.length; length++) {
      refused(Arrays.copyOf(whole, length), "bytes");
    }
    refused(RawFile.bytes(" {}"), "does not begin with '{'");
    refused(Arrays.copyOf(whole, 7), "7 bytes, wanted a safetensors file");
    refused(Arrays.copyOf(whole, 20), "but the file has 12 after its length", "truncated");
    refused(
        Arrays.copyOf(whole, whole.length - 1),
        "tensor 'b' ends at byte 12 of the data, but the file has 11",
        "truncated");
    refused(
        Arrays.copyOf(whole, whole.length + 3), "end at byte 12", "has 15", "belong to no tensor");
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, Long.MIN_VALUE, Long.MAX_VALUE, 100_000_001, 0x0000_0001_0000_0000L})
  void hugeHeaderLengthsAreRefused(long length) {
    ByteBuffer bytes = ByteBuffer.wrap(RawFile.bytes(GOOD, DATA)).order(ByteOrder.LITTLE_ENDIAN);
    refused(
        bytes.putLong(0, length).array(),
        "a header of " + Long.toUnsignedString(length) + " bytes, wanted at most 100000000");
  }

  @Test
  void aHeaderLengthBeyondTheFileIsRefused() {
    ByteBuffer bytes = ByteBuffer.wrap(RawFile.bytes(GOOD, DATA)).order(ByteOrder.LITTLE_ENDIAN);
    refused(bytes.putLong(0, 100_000_000).array(), "a header of 100000000 bytes, but the file has");
    refused(bytes.putLong(0, 0).array(), "does not begin with '{'");
  }

  /** Column 1 replaces the whole header, ' standing for ". */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[]                               | does not begin with '{'",
        "null                             | does not begin with '{'",
        "{'a':1}                          | tensor 'a' has a number, wanted an object",
        "{'a':null}                       | tensor 'a' has null, wanted an object",
        "{'a':[]}                         | tensor 'a' has an array […], wanted an object",
        "{'__metadata__':[]}              | __metadata__ has an array […], wanted an object",
        "{'__metadata__':null}            | __metadata__ has null, wanted an object",
        "{'__metadata__':{'x':1}}         | __metadata__ entry 'x' has a number, wanted a text",
        "{'__metadata__':{'x':null}}      | __metadata__ entry 'x' has null, wanted a text",
        "{'__metadata__':{'x':{'y':'z'}}} | __metadata__ entry 'x' has an object {…}, wanted a"
            + " text",
        "{} {}                            | something after its end",
        "{} x                             | not valid JSON at byte",
        "{},                              | not valid JSON at byte",
        "{'a'                             | not valid JSON at byte",
        "{a:1}                            | not valid JSON at byte",
        "{'a':{}                          | tensor 'a' has no dtype",
        "{/*c*/}                          | not valid JSON at byte",
      })
  void headersOfAnotherFormAreRefused(String header, String problem) {
    refused(RawFile.bytes(quoted(header)), problem.strip());
  }

  /** Column 1 is one tensor over 4 bytes of data. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'dtype':'F31','shape':[1],'data_offsets':[0,4]   | the dtype 'F31', wanted one of [BOOL",
        "'dtype':'f32','shape':[1],'data_offsets':[0,4]   | the dtype 'f32'",
        "'dtype':3,'shape':[1],'data_offsets':[0,4]       | dtype has a number, wanted a text",
        "'dtype':'F16','shape':[1],'data_offsets':[0,4]   | has 4 bytes, wanted 2 bytes for shape"
            + " [1] of F16",
        "'dtype':'F32','shape':[2],'data_offsets':[0,4]   | has 4 bytes, wanted 8 bytes for shape"
            + " [2] of F32",
        "'dtype':'F32','shape':[0],'data_offsets':[0,4]   | has 4 bytes, wanted 0 bytes",
        "'dtype':'F32','shape':[],'data_offsets':[0,0]    | has 0 bytes, wanted 4 bytes",
        "'dtype':'F4','shape':[3],'data_offsets':[0,4]    | wanted a size in whole bytes",
        "'dtype':'F32','shape':[-1],'data_offsets':[0,4]  | shape has '-1', wanted whole numbers of"
            + " at least 0",
        "'dtype':'F32','shape':[-0],'data_offsets':[0,4]  | shape has '-0', wanted whole numbers",
        "'dtype':'F32','shape':[1.0],'data_offsets':[0,4] | shape has '1.0', wanted whole numbers",
        "'dtype':'F32','shape':[1e0],'data_offsets':[0,4] | shape has '1e0', wanted whole numbers",
        "'dtype':'F32','shape':['1'],'data_offsets':[0,4] | shape has '1', wanted whole numbers",
        "'dtype':'F32','shape':[null],'data_offsets':[0,4]| shape has 'null', wanted whole numbers",
        "'dtype':'F32','shape':[true],'data_offsets':[0,4]| shape has 'true', wanted whole numbers",
        "'dtype':'F32','shape':[[1]],'data_offsets':[0,4] | shape has '[', wanted whole numbers",
        "'dtype':'F32','shape':1,'data_offsets':[0,4]     | shape has a number, wanted an array",
        "'dtype':'F32','shape':{},'data_offsets':[0,4]    | shape has an object {…}, wanted an"
            + " array",
        "'dtype':'F32','shape':[9223372036854775808],'data_offsets':[0,4] | wanted whole numbers"
            + " below 2^63",
        "'dtype':'F32','shape':[4611686018427387904,4],'data_offsets':[0,4] | wanted a size in"
            + " whole bytes below 2^63",
        "'dtype':'F32','shape':[4611686018427387904],'data_offsets':[0,4] | wanted a size in whole"
            + " bytes below 2^63",
        "'dtype':'F32','shape':[4294967296,4294967296],'data_offsets':[0,4] | wanted a size in"
            + " whole bytes below 2^63",
        "'dtype':'F32','shape':[01],'data_offsets':[0,4]  | not valid JSON",
        "'dtype':'F32','shape':[1,],'data_offsets':[0,4]  | not valid JSON",
        "'dtype':'F32','shape':[1],'data_offsets':[0,-4]  | data_offsets has '-4'",
        "'dtype':'F32','shape':[1],'data_offsets':[0]     | data_offsets [0], wanted [begin, end]",
        "'dtype':'F32','shape':[1],'data_offsets':[0,4,8] | data_offsets [0, 4, 8], wanted [begin,"
            + " end]",
        "'dtype':'F32','shape':[1],'data_offsets':[4,0]   | data_offsets [4, 0], wanted [begin,"
            + " end]",
        "'dtype':'F32','shape':[1],'data_offsets':[4,8]   | ends at byte 8 of the data, but the"
            + " file has 4",
        "'dtype':'F32','shape':[1],'data_offsets':[9223372036854775803,9223372036854775807] | ends"
            + " at byte 9223372036854775807",
        "'dtype':'F32','shape':[1]                        | has no data_offsets",
        "'shape':[1],'data_offsets':[0,4]                 | has no dtype",
        "'dtype':'F32','data_offsets':[0,4]               | has no shape",
        "'dtype':'F32','shape':[1],'data_offsets':[0,4],'x':1 | has the key 'x'",
        "'dtype':'F32','dtype':'F32','shape':[1],'data_offsets':[0,4] | uplicate",
        "'dtype':'F32','dt\\u0079pe':'F32','shape':[1],'data_offsets':[0,4] | uplicate",
        "'dtype':'U8','shape':[3],'data_offsets':[0,3]    | the tensors end at byte 3",
        "'dtype':'U8','shape':[3],'data_offsets':[1,4]    | begins at byte 1 of the data, a hole"
            + " after the start",
      })
  void tensorsThatDoNotFitAreRefused(String tensor, String problem) {
    refused(RawFile.bytes(quoted("{'x':{" + tensor.strip() + "}}"), new byte[4]), problem);
  }

  @Test
  void overlapsHolesAndDuplicatesAreRefused() {
    String tensor = "'%s':{'dtype':'U8','shape':[%d],'data_offsets':[%d,%d]}";
    refused(
        RawFile.bytes(
            quoted(
                "{" + tensor.formatted("a", 3, 0, 3) + "," + tensor.formatted("b", 2, 2, 4) + "}"),
            new byte[4]),
        "tensor 'b' begins at byte 2 of the data, an overlap with tensor 'a', which ends at 3");
    refused(
        RawFile.bytes(
            quoted(
                "{" + tensor.formatted("a", 4, 0, 4) + "," + tensor.formatted("b", 4, 0, 4) + "}"),
            new byte[4]),
        "an overlap with");
    refused(
        RawFile.bytes(
            quoted(
                "{" + tensor.formatted("a", 1, 0, 1) + "," + tensor.formatted("b", 2, 2, 4) + "}"),
            new byte[4]),
        "tensor 'b' begins at byte 2 of the data, a hole after tensor 'a', which ends at 1");
    refused(
        RawFile.bytes(
            quoted(
                "{" + tensor.formatted("a", 0, 2, 2) + "," + tensor.formatted("b", 4, 0, 4) + "}"),
            new byte[4]),
        "overlap");
    refused(
        RawFile.bytes(
            quoted(
                "{" + tensor.formatted("a", 2, 0, 2) + "," + tensor.formatted("a", 2, 2, 4) + "}"),
            new byte[4]),
        "uplicate",
        "'a'".substring(1, 2));
    refused(RawFile.bytes(quoted("{'__metadata__':{},'__metadata__':{}}")), "uplicate");
    refused(RawFile.bytes(quoted("{'__metadata__':{'k':'1','k':'2'}}")), "uplicate");
  }

  @Test
  void headersThatAreNotUtf8AreRefused() {
    byte[] latin = quoted("{'é':1}").getBytes(StandardCharsets.ISO_8859_1);
    refused(RawFile.bytes(latin), "not UTF-8");
    byte[] overlong = quoted("{'xx':1}").getBytes(StandardCharsets.ISO_8859_1);
    overlong[2] = (byte) 0xc0;
    overlong[3] = (byte) 0xaf;
    refused(RawFile.bytes(overlong), "not UTF-8");
    refused(RawFile.bytes(new byte[] {'{', (byte) 0xff, '}'}), "not UTF-8");
  }

  @Test
  void deepNestingAndEndlessListsAreRefused() {
    int depth = 1_000_000;
    refused(RawFile.bytes("{\"a\":" + "[".repeat(depth)), "tensor 'a' has an array […]");
    refused(
        RawFile.bytes("{\"a\":{\"shape\":" + "[".repeat(depth) + "]".repeat(depth) + "}}"),
        "shape has '['");
    refused(RawFile.bytes("{\"a\":{\"shape\":[" + "1,".repeat(depth)), "at most 64");
    refused(RawFile.bytes("{\"a\":{\"shape\":[" + "1".repeat(depth)), "not valid JSON");
    refused(RawFile.bytes("{\"" + "n".repeat(depth) + "\":0}"), "nnnn…'");
  }

  /** One seeded mutation of a good file: a byte, a run of bytes, a cut, or a digit for a digit. */
  private static byte[] mutate(byte[] good, Random random) {
    byte[] bytes = good.clone();
    int edits = 1 + random.nextInt(3);
    for (int i = 0; i < edits; i++) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(6)) {
        case 0 -> bytes[at] = (byte) random.nextInt(256);
        case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> bytes[at] = (byte) "0123456789-.,:[]{}\"eE ".charAt(random.nextInt(22));
        case 3 -> bytes = Arrays.copyOf(bytes, 1 + random.nextInt(bytes.length + 8));
        case 4 -> {
          int from = random.nextInt(bytes.length);
          int n = Math.min(1 + random.nextInt(12), bytes.length - Math.max(from, at));
          System.arraycopy(good.length >= from + n ? good : bytes, from, bytes, at, n);
        }
        default -> {
          int header = Math.min(bytes.length, 150);
          int digit = random.nextInt(header);
          if (Character.isDigit(bytes[digit])) {
            bytes[digit] = (byte) ('0' + random.nextInt(10));
          }
        }
      }
    }
    return bytes;
  }

  @Test
  void mutatedFilesAreReadOrRefusedButNeverAnythingElse() {
    byte[] good = RawFile.bytes(GOOD, DATA);
    int refused = 0;
    int read = 0;
    for (long seed = 0; seed < 4000; seed++) {
      Path file = RawFile.write(folder, mutate(good, new Random(seed)));
      try (SafetensorsFile f = SafetensorsFile.open(file)) {
        for (String name : f.names()) {
          assertThat(f.bytes(name).byteSize()).isEqualTo(f.info(name).bytes());
          if (Floats.readable(f.info(name).dtype())) {
            f.readFloats(name);
          }
        }
        read++;
      } catch (FormatException e) {
        refused++;
      } catch (RuntimeException | Error e) {
        throw new AssertionError("seed " + seed + " broke the reader", e);
      }
    }
    assertThat(refused).as("mutations that matter are found").isGreaterThan(2000);
    assertThat(read).as("mutations of values are not").isGreaterThan(100);
  }

  private static String quoted(String text) {
    return text.replace('\'', '"');
  }
}
