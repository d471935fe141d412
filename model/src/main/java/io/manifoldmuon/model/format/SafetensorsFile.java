package io.manifoldmuon.model.format;

import io.manifoldmuon.linalg.ShapeException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A safetensors file, memory-mapped for reading; of any size, and safe for several threads.
 *
 * <p>{@link #open} checks the whole header against the file before anything is read or allocated by
 * its word: lengths and offsets inside the file, no overlap, no hole, shape × dtype = bytes, no
 * name twice. The file must not be changed while it is open.
 */
public final class SafetensorsFile implements AutoCloseable {
  private static final ValueLayout.OfLong LENGTH =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int LENGTH_BYTES = 8;
  private static final int LONGEST_ARRAY = Integer.MAX_VALUE - 8;

  private final Path path;
  private final Arena arena;
  private final SafetensorsHeader header;
  private final MemorySegment data;

  private SafetensorsFile(Path path, Arena arena, SafetensorsHeader header, MemorySegment data) {
    this.path = path;
    this.arena = arena;
    this.header = header;
    this.data = data;
  }

  /**
   * Maps the file at {@code path} and checks its header.
   *
   * @throws FormatException if it cannot be read or is not a valid safetensors file
   */
  @SuppressWarnings("MustBeClosedChecker") // the arena is the object's own, close() closes it
  public static SafetensorsFile open(Path path) {
    Arena arena = Arena.ofShared();
    boolean opened = false;
    try {
      MemorySegment file = map(path, arena);
      long headerBytes = headerBytes(path, file);
      MemorySegment data = file.asSlice(LENGTH_BYTES + headerBytes);
      String json = headerText(path, file.asSlice(LENGTH_BYTES, headerBytes));
      SafetensorsHeader header = HeaderParser.parse(path, json, data.byteSize());
      opened = true;
      return new SafetensorsFile(path, arena, header, data);
    } finally {
      if (!opened) {
        arena.close();
      }
    }
  }

  private static MemorySegment map(Path path, Arena arena) {
    try {
      if (Files.exists(path) && !Files.isRegularFile(path)) {
        throw new FormatException(path, "not a file, wanted a safetensors file");
      }
      try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
        long size = channel.size();
        if (size < LENGTH_BYTES) {
          throw new FormatException(
              path, size + " bytes, wanted a safetensors file, which has at least 8");
        }
        return channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena);
      }
    } catch (NoSuchFileException e) {
      throw new FormatException(path, "no such file, wanted a safetensors file", e);
    } catch (IOException e) {
      throw new FormatException(path, "cannot be read: " + e.getMessage(), e);
    }
  }

  private static long headerBytes(Path path, MemorySegment file) {
    long length = file.get(LENGTH, 0);
    long left = file.byteSize() - LENGTH_BYTES;
    if (length < 0 || length > SafetensorsHeader.LONGEST) {
      throw new FormatException(
          path,
          "a header of "
              + Long.toUnsignedString(length)
              + " bytes, wanted at most "
              + SafetensorsHeader.LONGEST
              + "; this is no safetensors file, or a damaged one");
    }
    if (length > left) {
      throw new FormatException(
          path,
          "a header of "
              + length
              + " bytes, but the file has "
              + left
              + " after its length; the file is truncated or no safetensors file");
    }
    return length;
  }

  private static String headerText(Path path, MemorySegment bytes) {
    if (bytes.byteSize() == 0 || bytes.get(ValueLayout.JAVA_BYTE, 0) != '{') {
      throw new FormatException(path, "the header does not begin with '{', wanted a JSON object");
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes.asByteBuffer()).toString();
    } catch (CharacterCodingException e) {
      throw new FormatException(path, "the header is not UTF-8, wanted JSON in UTF-8", e);
    }
  }

  /** The file's path. */
  public Path path() {
    return path;
  }

  /** The names of the tensors, in the order of their data. */
  public List<String> names() {
    return List.copyOf(header.tensors().keySet());
  }

  /** The texts of the header's {@code __metadata__}, in its order; empty where it has none. */
  public Map<String, String> metadata() {
    return header.metadata();
  }

  /** Whether the file has a tensor of this name. */
  public boolean has(String name) {
    return header.tensors().containsKey(name);
  }

  /**
   * The type and shape of a tensor.
   *
   * @throws FormatException if there is none of this name
   */
  public TensorInfo info(String name) {
    TensorInfo info = header.tensors().get(name);
    if (info == null) {
      List<String> some = header.tensors().keySet().stream().limit(8).toList();
      throw new FormatException(
          path,
          "no tensor "
              + FormatException.quote(name)
              + ", the file has "
              + header.tensors().size()
              + (some.isEmpty() ? "" : ": " + String.join(", ", some))
              + (header.tensors().size() > some.size() ? ", …" : ""));
    }
    return info;
  }

  /** The stored bytes of a tensor: read-only, mapped, little-endian, valid until {@link #close}. */
  public MemorySegment bytes(String name) {
    TensorInfo info = info(name);
    return data.asSlice(info.offset(), info.bytes());
  }

  /**
   * The values of a tensor of type F32, F64, F16 or BF16 as float32.
   *
   * <p><b>Error</b>: exact but for F64, which is rounded to the nearest float32.
   */
  public float[] readFloats(String name) {
    TensorInfo info = arrayOf(name);
    float[] values = new float[(int) info.elements()];
    Floats.convert(info.dtype(), bytes(name), MemorySegment.ofArray(values));
    return values;
  }

  /** The values of a tensor of type F32, F64, F16 or BF16 as float64, which is exact. */
  public double[] readDoubles(String name) {
    return Floats.doubles(arrayOf(name).dtype(), bytes(name));
  }

  /**
   * Some of them.
   *
   * @param from the index of the first
   * @param count how many
   * @throws IndexOutOfBoundsException if the tensor has not so many
   */
  public double[] readDoubles(String name, long from, int count) {
    TensorInfo info = floats(name);
    Objects.checkFromIndexSize(from, (long) count, info.elements());
    long size = info.dtype().bits() / 8;
    return Floats.doubles(info.dtype(), bytes(name).asSlice(from * size, count * size));
  }

  /** Whether the values of a tensor can be read: whether its type is F32, F64, F16 or BF16. */
  public boolean readable(String name) {
    return Floats.readable(info(name).dtype());
  }

  private TensorInfo arrayOf(String name) {
    TensorInfo info = floats(name);
    if (info.elements() > LONGEST_ARRAY) {
      throw new FormatException(
          path,
          "tensor "
              + FormatException.quote(name)
              + " has "
              + info.elements()
              + " elements, wanted at most 2^31−9 to read it as one array");
    }
    return info;
  }

  /**
   * Writes the values of a tensor of type F32, F64, F16 or BF16 to {@code dst} as float32 in the
   * host's byte order.
   *
   * @throws ShapeException if {@code dst} has not exactly 4 bytes for each element
   */
  public void readInto(String name, MemorySegment dst) {
    TensorInfo info = floats(name);
    if (dst.byteSize() % 4 != 0 || dst.byteSize() / 4 != info.elements()) {
      throw new ShapeException(
          "readInto: "
              + dst.byteSize()
              + " bytes given for "
              + FormatException.quote(name)
              + ", wanted 4 for each of its "
              + info.elements()
              + " elements");
    }
    Floats.convert(info.dtype(), bytes(name), dst);
  }

  private TensorInfo floats(String name) {
    TensorInfo info = info(name);
    if (!Floats.readable(info.dtype())) {
      throw new FormatException(
          path,
          "tensor "
              + FormatException.quote(name)
              + " is "
              + info.dtype()
              + ", wanted F32, F64, F16 or BF16 to read its values");
    }
    return info;
  }

  /** Unmaps the file; segments of it cannot be used any more. */
  @Override
  public void close() {
    arena.close();
  }
}
