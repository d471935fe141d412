package io.manifoldmuon.model.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.manifoldmuon.linalg.ShapeException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsFileTest {
  @TempDir Path folder;

  private SafetensorsFile open(String header, byte... data) {
    return SafetensorsFile.open(RawFile.write(folder, RawFile.bytes(header, data)));
  }

  @Test
  void readsWhatThePythonPackageWrites() {
    // save_file({"w": [[1, 2, 3], [4, 5, 6]] f32, "b": [0.5, -0.5] f16, "n": 7 i64},
    //           metadata={"format": "pt"}): falling element type, then name, spaces to 8 bytes.
    String header =
        "{\"__metadata__\":{\"format\":\"pt\"},"
            + "\"n\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[0,8]},"
            + "\"w\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[8,32]},"
            + "\"b\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[32,36]}}";
    String padded = header + " ".repeat((8 - header.length() % 8) % 8);
    ByteBuffer data = ByteBuffer.allocate(36).order(ByteOrder.LITTLE_ENDIAN);
    data.putLong(7).put(RawFile.f32(1, 2, 3, 4, 5, 6));
    data.putShort((short) 0x3800).putShort((short) 0xb800);
    try (SafetensorsFile f = open(padded, data.array())) {
      assertThat(f.names()).containsExactly("n", "w", "b");
      assertThat(f.metadata()).isEqualTo(Map.of("format", "pt"));
      assertThat(f.info("w")).isEqualTo(new TensorInfo(StoredType.F32, new long[] {2, 3}, 8, 24));
      assertThat(f.info("n")).isEqualTo(new TensorInfo(StoredType.I64, new long[0], 0, 8));
      assertThat(f.info("n").elements()).isEqualTo(1);
      assertThat(f.readFloats("w")).containsExactly(1, 2, 3, 4, 5, 6);
      assertThat(f.readFloats("b")).containsExactly(0.5f, -0.5f);
      assertThat(f.bytes("n").get(ValueLayout.JAVA_LONG_UNALIGNED, 0)).isEqualTo(7);
      assertThat(f.bytes("n").isReadOnly()).isTrue();
      assertThat(f.has("w")).isTrue();
      assertThat(f.has("__metadata__")).isFalse();
    }
  }

  @Test
  void readsAnUnpaddedHeaderAndTensorsInAnyOrder() {
    try (SafetensorsFile f =
        open(
            "{\"b\": {\"data_offsets\": [4, 8], \"shape\": [1], \"dtype\": \"F32\"},"
                + "\n\t\"a\": {\"dtype\": \"F32\", \"shape\": [1, 1], \"data_offsets\": [0, 4]}}",
            RawFile.f32(1.5f, -2.5f))) {
      assertThat(f.names()).as("in the order of the data").containsExactly("a", "b");
      assertThat(f.readFloats("a")).containsExactly(1.5f);
      assertThat(f.readFloats("b")).containsExactly(-2.5f);
      assertThat(f.metadata()).isEmpty();
    }
  }

  @Test
  void readsFilesWithoutTensors() {
    try (SafetensorsFile f = open("{}")) {
      assertThat(f.names()).isEmpty();
    }
    try (SafetensorsFile f = open("{\"__metadata__\":{\"a\":\"ü\\n\"}}   ")) {
      assertThat(f.metadata()).isEqualTo(Map.of("a", "ü\n"));
    }
  }

  @Test
  void readsScalarsAndEmptyTensors() {
    try (SafetensorsFile f =
        open(
            "{\"e\":{\"dtype\":\"F32\",\"shape\":[3,0,5],\"data_offsets\":[4,4]},"
                + "\"s\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]},"
                + "\"z\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}}",
            RawFile.f32(9))) {
      assertThat(f.names()).containsExactlyInAnyOrder("z", "s", "e");
      assertThat(f.readFloats("s")).containsExactly(9);
      assertThat(f.readFloats("e")).isEmpty();
      assertThat(f.readFloats("z")).isEmpty();
      assertThat(f.info("e").elements()).isZero();
      assertThat(f.info("e").shape()).containsExactly(3, 0, 5);
    }
  }

  @Test
  void convertsEveryFloatingTypeExactlyWhereFloat32CanHoldIt() {
    ByteBuffer data =
        ByteBuffer.allocate(8 * 4 + 4 * 4 + 2 * 4 + 2 * 5).order(ByteOrder.LITTLE_ENDIAN);
    data.putDouble(0.1).putDouble(-1e300).putDouble(Double.NaN).putDouble(1e-46);
    data.put(RawFile.f32(Float.MIN_VALUE, Float.MAX_VALUE, -0f, Float.NEGATIVE_INFINITY));
    for (int half : new int[] {0x3c00, 0x0001, 0x7bff, 0xfc00}) { // 1, smallest, largest, −∞
      data.putShort((short) half);
    }
    for (int bf : new int[] {0x3f80, 0xc049, 0x7f80, 0x8000, 0x0001}) {
      data.putShort((short) bf);
    }
    try (SafetensorsFile f =
        open(
            "{\"d\":{\"dtype\":\"F64\",\"shape\":[4],\"data_offsets\":[0,32]},"
                + "\"f\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[32,48]},"
                + "\"h\":{\"dtype\":\"F16\",\"shape\":[4],\"data_offsets\":[48,56]},"
                + "\"b\":{\"dtype\":\"BF16\",\"shape\":[5],\"data_offsets\":[56,66]}}",
            data.array())) {
      assertThat(f.readFloats("d")).containsExactly(0.1f, Float.NEGATIVE_INFINITY, Float.NaN, 0f);
      assertThat(f.readFloats("f"))
          .containsExactly(Float.MIN_VALUE, Float.MAX_VALUE, -0f, Float.NEGATIVE_INFINITY);
      assertThat(f.readFloats("h")).containsExactly(1, 0x1p-24f, 65504, Float.NEGATIVE_INFINITY);
      assertThat(f.readFloats("b"))
          .containsExactly(1, -3.140625f, Float.POSITIVE_INFINITY, -0f, 0x1p-133f);
      assertThat(f.readDoubles("d")).containsExactly(0.1, -1e300, Double.NaN, 1e-46);
      assertThat(f.readDoubles("f"))
          .containsExactly(Float.MIN_VALUE, Float.MAX_VALUE, -0.0, Double.NEGATIVE_INFINITY);
      assertThat(f.readDoubles("b"))
          .containsExactly(1, -3.140625, Double.POSITIVE_INFINITY, -0.0, 0x1p-133);
    }
  }

  @Test
  void readIntoWritesHostFloatsOnAndOffTheHeap() {
    try (SafetensorsFile f =
            open(
                "{\"x\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[0,4]}}",
                new byte[] {0, 0x3c, 0, 0x40});
        Arena arena = Arena.ofConfined()) {
      MemorySegment off = arena.allocate(8, 4);
      f.readInto("x", off);
      assertThat(off.toArray(ValueLayout.JAVA_FLOAT)).containsExactly(1, 2);
      float[] on = new float[2];
      f.readInto("x", MemorySegment.ofArray(on));
      assertThat(on).containsExactly(1, 2);
      for (long wrong : new long[] {0, 4, 7, 9, 12}) {
        assertThatThrownBy(() -> f.readInto("x", arena.allocate(wrong)))
            .isInstanceOf(ShapeException.class)
            .hasMessageContaining(wrong + " bytes given for 'x', wanted 4 for each of its 2");
      }
    }
  }

  @Test
  void otherTypesAreDescribedAndGivenAsBytesOnly() {
    StringBuilder header = new StringBuilder("{");
    int offset = 0;
    for (StoredType type : StoredType.values()) {
      int bytes = type.bits(); // eight elements
      header
          .append(offset == 0 ? "" : ",")
          .append(
              "\"%s\":{\"dtype\":\"%s\",\"shape\":[2,4],\"data_offsets\":[%d,%d]}"
                  .formatted(type, type, offset, offset + bytes));
      offset += bytes;
    }
    try (SafetensorsFile f = open(header + "}", new byte[offset])) {
      for (StoredType type : StoredType.values()) {
        assertThat(f.info(type.name()).dtype()).isEqualTo(type);
        assertThat(f.bytes(type.name()).byteSize()).isEqualTo(type.bits());
        if (Floats.readable(type)) {
          assertThat(f.readFloats(type.name())).containsOnly(0).hasSize(8);
        } else {
          assertThatThrownBy(() -> f.readFloats(type.name()))
              .isInstanceOf(FormatException.class)
              .hasMessageContaining("is " + type + ", wanted F32, F64, F16 or BF16");
        }
      }
    }
  }

  @Test
  void anUnknownNameIsAnErrorThatListsSome() {
    try (SafetensorsFile f =
        open("{\"x\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", (byte) 0)) {
      assertThatThrownBy(() -> f.info("y"))
          .isInstanceOf(FormatException.class)
          .hasMessageContaining("no tensor 'y', the file has 1: x");
    }
  }

  @Test
  void aTensorTooLongForAnArrayIsReadableInParts() throws IOException {
    Path file = folder.resolve("sparse.safetensors");
    long elements = (1L << 31) + 5;
    byte[] head =
        RawFile.bytes(
            "{\"x\":{\"dtype\":\"F32\",\"shape\":[%d],\"data_offsets\":[0,%d]}}"
                .formatted(elements, elements * 4));
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.write(head);
      sparse.setLength(head.length + elements * 4); // 8 GB of nothing, no disk used
      sparse.seek(head.length + elements * 4 - 4);
      sparse.write(RawFile.f32(42));
    }
    try (SafetensorsFile f = SafetensorsFile.open(file)) {
      assertThat(f.info("x").elements()).isEqualTo(elements);
      assertThatThrownBy(() -> f.readFloats("x"))
          .isInstanceOf(FormatException.class)
          .hasMessageContaining("2147483653 elements, wanted at most 2^31−9");
      assertThat(f.bytes("x").get(Floats.FILE, (elements - 1) * 4)).isEqualTo(42);
    }
  }

  @Test
  void severalThreadsMayRead() {
    try (SafetensorsFile f =
        open(
            "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
            RawFile.f32(3, 4))) {
      assertThat(
              IntStream.range(0, 100)
                  .parallel()
                  .mapToObj(i -> f.readFloats("x"))
                  .allMatch(v -> v[0] == 3 && v[1] == 4))
          .isTrue();
    }
  }

  @Test
  void missingFilesAndFoldersAreNamed() throws IOException {
    assertThatThrownBy(() -> SafetensorsFile.open(folder.resolve("none.safetensors")))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("none.safetensors: no such file");
    assertThatThrownBy(() -> SafetensorsFile.open(folder))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("not a file");
    Path empty = Files.createFile(folder.resolve("empty.safetensors"));
    assertThatThrownBy(() -> SafetensorsFile.open(empty))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("0 bytes, wanted a safetensors file");
    Path text =
        Files.write(folder.resolve("text"), "PK this is a zip".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> SafetensorsFile.open(text))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("no safetensors file")
        .satisfies(e -> assertThat(((FormatException) e).exitCode()).isEqualTo(2));
  }
}
