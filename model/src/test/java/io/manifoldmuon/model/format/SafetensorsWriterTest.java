package io.manifoldmuon.model.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsWriterTest {
  @TempDir Path folder;

  private Path file() {
    return folder.resolve("model.safetensors");
  }

  private static TensorSource floats(String name, long[] shape, float... values) {
    return TensorSource.floats(name, shape, () -> values);
  }

  private List<String> files() throws IOException {
    try (Stream<Path> list = Files.list(folder)) {
      return list.map(p -> p.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void writesExactlyTheseBytes() throws IOException {
    SafetensorsWriter.write(
        file(),
        Map.of("format", "pt"),
        List.of(floats("w", new long[] {2}, 1f, -2f), floats("s", new long[0], 0.5f)));
    String header =
        "{\"__metadata__\":{\"format\":\"pt\"},"
            + "\"s\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]},"
            + "\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}";
    assertThat(header.length()).isEqualTo(138);
    byte[] want =
        ByteBuffer.allocate(8 + 144 + 12)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(144)
            .put((header + " ".repeat(6)).getBytes(StandardCharsets.UTF_8))
            .put(new byte[] {0, 0, 0, 0x3f, 0, 0, (byte) 0x80, 0x3f, 0, 0, 0, (byte) 0xc0})
            .array();
    assertThat(Files.readAllBytes(file())).isEqualTo(want);
  }

  /**
   * Written by the Python package safetensors 0.8.0: {@code save_file({"w": arange(6, f32) as [2,
   * 3], "s": 7 f32 scalar, "e": f32 [0, 3], "a ü": [2.5] f64, "h": [0.5] f16}, metadata={"format":
   * "pt"})}.
   */
  private static final String FROM_PYTHON =
      """
      OAEAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJmb3JtYXQiOiJwdCJ9LCJhIMO8Ijp7ImR0eXBlIjoiRjY0Iiwic2hh
      cGUiOlsxXSwiZGF0YV9vZmZzZXRzIjpbMCw4XX0sImUiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzAsM10sImRh
      dGFfb2Zmc2V0cyI6WzgsOF19LCJzIjp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOltdLCJkYXRhX29mZnNldHMiOls4
      LDEyXX0sInciOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzIsM10sImRhdGFfb2Zmc2V0cyI6WzEyLDM2XX0sImgi
      OnsiZHR5cGUiOiJGMTYiLCJzaGFwZSI6WzFdLCJkYXRhX29mZnNldHMiOlszNiwzOF19fSAgICAAAAAAAAAEQAAA
      4EAAAAAAAACAPwAAAEAAAEBAAACAQAAAoEAAOA==
      """;

  @Test
  void rewritingAFileOfThePythonPackageGivesItsBytes() throws IOException {
    byte[] python = Base64.getMimeDecoder().decode(FROM_PYTHON);
    Path source = Files.write(folder.resolve("python.safetensors"), python);
    try (SafetensorsFile f = SafetensorsFile.open(source)) {
      assertThat(f.names()).containsExactly("a ü", "e", "s", "w", "h");
      assertThat(f.readFloats("a ü")).containsExactly(2.5f);
      assertThat(f.readFloats("e")).isEmpty();
      assertThat(f.readFloats("s")).containsExactly(7);
      assertThat(f.readFloats("w")).containsExactly(0, 1, 2, 3, 4, 5);
      assertThat(f.readFloats("h")).containsExactly(0.5f);
      List<TensorSource> tensors = new ArrayList<>();
      for (String name : f.names()) {
        TensorInfo info = f.info(name);
        tensors.add(new TensorSource(name, info.dtype(), info.shape(), () -> f.bytes(name)));
      }
      SafetensorsWriter.write(file(), f.metadata(), tensors);
    }
    assertThat(Files.readAllBytes(file())).isEqualTo(python);
  }

  @Test
  void theHeaderIsAlwaysPaddedToEightBytes() throws IOException {
    for (int n = 1; n <= 20; n++) {
      SafetensorsWriter.write(file(), Map.of(), List.of(floats("n".repeat(n), new long[] {0})));
      ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file())).order(ByteOrder.LITTLE_ENDIAN);
      assertThat(bytes.getLong(0) % 8).isZero();
      assertThat(bytes.capacity()).isEqualTo(8 + bytes.getLong(0));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void whatIsWrittenIsRead(long seed) {
    Random random = new Random(seed);
    List<TensorSource> tensors = new ArrayList<>();
    Map<String, float[]> want = new HashMap<>();
    for (int i = 0; i < 20; i++) {
      long[] shape = LongStream.range(0, random.nextInt(4)).map(d -> random.nextInt(7)).toArray();
      float[] values = new float[(int) TensorInfo.elements(shape)];
      for (int j = 0; j < values.length; j++) {
        values[j] = Float.intBitsToFloat(random.nextInt());
      }
      String name = "layers." + i + ".\"quoted\" ünï/\u0001 文😀";
      tensors.add(floats(name, shape, values));
      want.put(name, values);
    }
    Map<String, String> metadata = Map.of("a", "", "ключ", "line\nline\t\"\\", "z", "😀");
    SafetensorsWriter.write(file(), metadata, tensors);
    try (SafetensorsFile f = SafetensorsFile.open(file())) {
      assertThat(f.metadata()).isEqualTo(metadata);
      assertThat(f.names()).hasSize(20);
      for (TensorSource tensor : tensors) {
        assertThat(f.info(tensor.name()).shape()).as("seed " + seed).isEqualTo(tensor.shape());
        assertThat(f.readFloats(tensor.name()))
            .as("seed " + seed)
            .usingComparator(
                (a, b) -> MemorySegment.ofArray(a).mismatch(MemorySegment.ofArray(b)) < 0 ? 0 : 1)
            .isEqualTo(want.get(tensor.name()));
      }
    }
  }

  @Test
  void theOrderOfTheArgumentsDoesNotMatter() throws IOException {
    List<TensorSource> tensors = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      tensors.add(floats("t" + i, new long[] {1}, i));
    }
    byte[] raw = {1, 2, 3};
    tensors.add(
        new TensorSource("a", StoredType.U8, new long[] {3}, () -> MemorySegment.ofArray(raw)));
    SafetensorsWriter.write(file(), Map.of("x", "1", "y", "2"), tensors);
    byte[] once = Files.readAllBytes(file());
    Collections.shuffle(tensors, new Random(5));
    SafetensorsWriter.write(file(), Map.of("y", "2", "x", "1"), tensors);
    assertThat(Files.readAllBytes(file())).isEqualTo(once);
    try (SafetensorsFile f = SafetensorsFile.open(file())) {
      assertThat(f.names().get(0)).isEqualTo("t0");
      assertThat(f.names().get(12)).as("narrow types last, so that all are aligned").isEqualTo("a");
      assertThat(f.bytes("a").toArray(ValueLayout.JAVA_BYTE)).isEqualTo(raw);
    }
  }

  @Test
  void tensorsLongerThanOneChunkAndOffTheHeapArriveWhole() {
    int n = 3 * (1 << 18) + 7;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment values = arena.allocate(n * 4L, 4);
      for (int i = 0; i < n; i++) {
        values.setAtIndex(ValueLayout.JAVA_FLOAT, i, i);
      }
      SafetensorsWriter.write(
          file(), Map.of(), List.of(TensorSource.segment("x", new long[] {n}, () -> values)));
    }
    try (SafetensorsFile f = SafetensorsFile.open(file())) {
      float[] got = f.readFloats("x");
      assertThat(got).hasSize(n);
      for (int i = 0; i < n; i++) {
        if (got[i] != i) {
          assertThat(got[i]).as("element " + i).isEqualTo(i);
        }
      }
    }
  }

  @Test
  void valuesAreAskedForOneTensorAtATimeInFileOrder() {
    List<String> asked = new ArrayList<>();
    List<TensorSource> tensors =
        Stream.of("c", "a", "b")
            .map(
                name ->
                    TensorSource.floats(
                        name,
                        new long[] {1},
                        () -> {
                          asked.add(name);
                          return new float[1];
                        }))
            .toList();
    assertThat(asked).isEmpty();
    SafetensorsWriter.write(file(), Map.of(), tensors);
    assertThat(asked).containsExactly("a", "b", "c");
  }

  @Test
  void aFailureLeavesTheOldFileAndNothingElse() throws IOException {
    SafetensorsWriter.write(file(), Map.of(), List.of(floats("x", new long[] {1}, 1f)));
    byte[] old = Files.readAllBytes(file());
    TensorSource failing =
        TensorSource.floats(
            "y",
            new long[] {1},
            () -> {
              throw new IllegalStateException("device lost");
            });
    assertThatThrownBy(
            () ->
                SafetensorsWriter.write(
                    file(), Map.of(), List.of(floats("x", new long[] {1}, 2f), failing)))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(
            () ->
                SafetensorsWriter.write(file(), Map.of(), List.of(floats("x", new long[] {3}, 2f))))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("tensor 'x' gave 4 bytes, wanted 12 for F32[3]");
    assertThatThrownBy(
            () ->
                AtomicFile.write(
                    file(),
                    channel -> {
                      channel.write(ByteBuffer.wrap(new byte[100]));
                      throw new IOException("No space left on device");
                    }))
        .isInstanceOf(FormatException.class)
        .hasMessage(file() + ": cannot be written: No space left on device");
    assertThat(Files.readAllBytes(file())).isEqualTo(old);
    assertThat(files()).containsExactly("model.safetensors");
  }

  @Test
  void placesThatCannotBeWrittenAreNamed() throws IOException {
    Path noFolder = folder.resolve("none/x.safetensors");
    assertThatThrownBy(() -> SafetensorsWriter.write(noFolder, Map.of(), List.of()))
        .isInstanceOf(FormatException.class)
        .hasMessage(noFolder + ": cannot be written, its folder does not exist; make it first");
    Path inFile = Files.createFile(folder.resolve("file")).resolve("x.safetensors");
    assertThatThrownBy(() -> SafetensorsWriter.write(inFile, Map.of(), List.of()))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("cannot be written");
    assertThatThrownBy(() -> SafetensorsWriter.write(folder, Map.of(), List.of()))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("is a folder");
    assertThatThrownBy(() -> SafetensorsWriter.write(Path.of("/"), Map.of(), List.of()))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("is a folder");
    assertThat(files()).containsExactly("file");
  }

  @Test
  void impossibleTensorsAreRefusedBeforeAnythingIsWritten() throws IOException {
    assertThatThrownBy(() -> write(floats("x", new long[0], 1f), floats("x", new long[0], 2f)))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("tensor 'x' is to be written twice");
    assertThatThrownBy(() -> write(floats("__metadata__", new long[0], 1f)))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("a tensor named __metadata__");
    assertThatThrownBy(() -> write(floats("x", new long[] {-1, -1}, 1f)))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("shape [-1, -1]");
    assertThatThrownBy(() -> write(floats("x", new long[] {1L << 62, 2})))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("below 2^63");
    assertThatThrownBy(() -> write(floats("\ud800", new long[] {1}, 1f)))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("half a surrogate pair");
    assertThat(files()).isEmpty();
  }

  private void write(TensorSource... tensors) {
    SafetensorsWriter.write(file(), Map.of(), List.of(tensors));
  }
}
