package io.manifoldmuon.model.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads what is written by a parser of its own, with a checksum computed bit by bit. */
class EventFileTest {
  @TempDir Path temp;

  /** What a record says. */
  private record Event(double time, long step, String version, Map<String, Float> values) {}

  /** CRC32C by its definition: polynomial 0x1EDC6F41, reflected. */
  private static int crc(byte[] bytes) {
    int crc = ~0;
    for (byte b : bytes) {
      crc ^= b & 0xFF;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 1) == 0 ? crc >>> 1 : crc >>> 1 ^ 0x82F63B78;
      }
    }
    return ~crc;
  }

  private static byte[] take(ByteBuffer in, int count) {
    byte[] bytes = new byte[count];
    in.get(bytes);
    return bytes;
  }

  private static byte[] checked(ByteBuffer in, int count) {
    byte[] bytes = take(in, count);
    int crc = crc(bytes);
    assertThat(in.getInt()).isEqualTo((crc >>> 15 | crc << 17) + (int) 0xA282EAD8L);
    return bytes;
  }

  private static long varint(ByteBuffer in) {
    long x = 0;
    for (int shift = 0; ; shift += 7) {
      byte b = in.get();
      x |= (b & 0x7FL) << shift;
      if (b >= 0) {
        return x;
      }
    }
  }

  private static ByteBuffer little(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static List<Event> read(Path file) throws IOException {
    ByteBuffer in = little(Files.readAllBytes(file));
    List<Event> events = new ArrayList<>();
    while (in.hasRemaining()) {
      long length = little(checked(in, 8)).getLong();
      events.add(event(little(checked(in, Math.toIntExact(length)))));
    }
    return events;
  }

  private static Event event(ByteBuffer in) {
    double time = Double.NaN;
    long step = -1;
    String version = "";
    Map<String, Float> values = new LinkedHashMap<>();
    while (in.hasRemaining()) {
      switch ((int) varint(in)) {
        case 0x09 -> time = in.getDouble();
        case 0x10 -> step = varint(in);
        case 0x1A -> version = new String(take(in, (int) varint(in)), StandardCharsets.UTF_8);
        case 0x2A -> summary(little(take(in, (int) varint(in))), values);
        default -> throw new AssertionError("unknown field at " + in.position());
      }
    }
    return new Event(time, step, version, values);
  }

  private static void summary(ByteBuffer in, Map<String, Float> values) {
    while (in.hasRemaining()) {
      assertThat(varint(in)).isEqualTo(0x0A);
      ByteBuffer value = little(take(in, (int) varint(in)));
      assertThat(varint(value)).isEqualTo(0x0A);
      String tag = new String(take(value, (int) varint(value)), StandardCharsets.UTF_8);
      assertThat(varint(value)).isEqualTo(0x15);
      values.put(tag, value.getFloat());
      assertThat(value.hasRemaining()).isFalse();
    }
  }

  @Test
  void theChecksumOfTheTestIsTheStandards() {
    assertThat(crc("123456789".getBytes(StandardCharsets.US_ASCII))).isEqualTo(0xE3069283);
  }

  @Test
  void numbersAreReadBack() throws IOException {
    long now = 1_700_000_000_123L;
    Path path;
    try (EventFile file = EventFile.create(temp.resolve("a"), now)) {
      path = file.path();
      file.scalars(now + 1000, 1, Map.of("train_loss", 5.545));
      Map<String, Double> more = new LinkedHashMap<>();
      more.put("größe/σ", -1e-7);
      more.put("nan", Double.NaN);
      more.put("x".repeat(300), 1e9);
      file.scalars(now + 2000, 1L << 40, more);
      assertThat(read(path)).hasSize(3); // on the disk before the file is closed
    }
    List<Event> events = read(path);
    assertThat(path.getFileName().toString()).startsWith("events.out.tfevents.1700000000.");
    assertThat(events.get(0)).isEqualTo(new Event(1_700_000_000.123, 0, "brain.Event:2", Map.of()));
    assertThat(events.get(1).time()).isEqualTo(1_700_000_001.123);
    assertThat(events.get(1).values()).isEqualTo(Map.of("train_loss", 5.545f));
    assertThat(events.get(2).step()).isEqualTo(1L << 40);
    assertThat(events.get(2).values())
        .containsEntry("größe/σ", -1e-7f)
        .containsEntry("nan", Float.NaN)
        .containsEntry("x".repeat(300), 1e9f);
  }

  @Test
  void everySessionHasAFileOfItsOwn() {
    try (EventFile a = EventFile.create(temp, 5000);
        EventFile b = EventFile.create(temp, 5500)) {
      assertThat(a.path()).isNotEqualTo(b.path());
    }
  }
}
