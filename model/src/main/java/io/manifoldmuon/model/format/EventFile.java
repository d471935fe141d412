package io.manifoldmuon.model.format;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Writes numbers over steps for TensorBoard: a file of records
 *
 * <pre>
 *   u64 length · u32 mask(CRC32C(length)) · bytes · u32 mask(CRC32C(bytes))
 *   mask(c) = rotateRight(c, 15) + 0xA282EAD8
 * </pre>
 *
 * <p>each a protobuf {@code Event {1: wall_time double, 2: step int64, 3: file_version | 5: Summary
 * {1: Value {1: tag, 2: simple_value float}}}}, all little-endian.
 *
 * <p><b>Source</b> TensorFlow's {@code record_writer.cc} and {@code event.proto}.
 */
public final class EventFile implements AutoCloseable {
  private static final String PREFIX = "events.out.tfevents.";
  private static final int MASK_DELTA = 0xA282EAD8;
  private static final int MASK_TURN = 15;

  private final Path path;
  private final OutputStream out;

  private EventFile(Path path, OutputStream out) {
    this.path = path;
    this.out = out;
  }

  /**
   * A new file in a folder, which is made if it is not there; TensorBoard knows it by its name.
   *
   * @param millis the time, of which the name and the first record tell
   * @throws FormatException if it cannot be written
   */
  public static EventFile create(Path folder, long millis) {
    try {
      Files.createDirectories(folder);
      for (int number = 0; ; number++) {
        Path path = folder.resolve(PREFIX + millis / 1000 + ".muon" + (number == 0 ? "" : number));
        if (!Files.exists(path)) {
          EventFile file =
              new EventFile(path, Files.newOutputStream(path, StandardOpenOption.CREATE_NEW));
          file.record(event(millis, 0, field(3, "brain.Event:2".getBytes(StandardCharsets.UTF_8))));
          return file;
        }
      }
    } catch (IOException e) {
      throw new FormatException(folder, "cannot be written: " + e.getMessage(), e);
    }
  }

  /**
   * Removes the files of a folder that {@link #create} made, if there are any.
   *
   * @throws FormatException if they cannot be removed
   */
  public static void remove(Path folder) {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, PREFIX + "*.muon*")) {
      for (Path file : files) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new FormatException(folder, "cannot be written anew: " + e.getMessage(), e);
    }
  }

  /** Where it is. */
  public Path path() {
    return path;
  }

  /** Writes the numbers of a step; they are in the file when this returns. */
  public void scalars(long millis, long step, Map<String, Double> numbers) {
    ByteArrayOutputStream summary = new ByteArrayOutputStream();
    numbers.forEach(
        (tag, x) -> {
          ByteArrayOutputStream value = new ByteArrayOutputStream();
          value.writeBytes(field(1, tag.getBytes(StandardCharsets.UTF_8)));
          value.write(2 << 3 | 5);
          byte[] number = new byte[4];
          little(number).putFloat(x.floatValue());
          value.writeBytes(number);
          summary.writeBytes(field(1, value.toByteArray()));
        });
    record(event(millis, step, field(5, summary.toByteArray())));
  }

  private static byte[] event(long millis, long step, byte[] what) {
    ByteArrayOutputStream event = new ByteArrayOutputStream();
    event.write(1 << 3 | 1);
    byte[] time = new byte[8];
    little(time).putDouble(millis / 1000.0);
    event.writeBytes(time);
    event.write(2 << 3);
    varint(event, step);
    event.writeBytes(what);
    return event.toByteArray();
  }

  /** A protobuf field with a length: bytes, text or a message. */
  private static byte[] field(int number, byte[] content) {
    ByteArrayOutputStream field = new ByteArrayOutputStream();
    field.write(number << 3 | 2);
    varint(field, content.length);
    field.writeBytes(content);
    return field.toByteArray();
  }

  private static void varint(ByteArrayOutputStream out, long x) {
    long rest = x;
    while ((rest & ~0x7FL) != 0) {
      out.write((int) ((rest & 0x7F) | 0x80));
      rest >>>= 7;
    }
    out.write((int) rest);
  }

  private void record(byte[] content) {
    byte[] length = new byte[8];
    little(length).putLong(content.length);
    byte[] record = new byte[16 + content.length];
    little(record).put(length).putInt(masked(length)).put(content).putInt(masked(content));
    try {
      out.write(record);
      out.flush();
    } catch (IOException e) {
      throw new FormatException(path, "cannot be written: " + e.getMessage(), e);
    }
  }

  private static int masked(byte[] content) {
    CRC32C crc = new CRC32C();
    crc.update(content);
    return Integer.rotateRight((int) crc.getValue(), MASK_TURN) + MASK_DELTA;
  }

  private static ByteBuffer little(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public void close() {
    try {
      out.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
