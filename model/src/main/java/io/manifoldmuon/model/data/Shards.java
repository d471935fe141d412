package io.manifoldmuon.model.data;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Files of tokens ({@code .bin}), read by memory map.
 *
 * <p>A file starts with 256 little-endian int32: magic, version, token count, zeros; the tokens
 * follow. Magic 20240520, version 1: uint16. Magic 20240801, version 7: uint32. A file without a
 * magic is headerless uint16. The header is checked against the length of the file before use.
 *
 * <p><b>Source</b> llm.c (dev/data/data_common.py), nanoGPT (data/…/prepare.py).
 */
public final class Shards {
  static final int HEADER_BYTES = 1024;
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** The layouts with a header. */
  enum Format {
    UINT16(20240520, 1, SegmentTokens.Width.U16),
    UINT32(20240801, 7, SegmentTokens.Width.U32);

    private final int magic;
    private final int version;
    private final SegmentTokens.Width width;

    Format(int magic, int version, SegmentTokens.Width width) {
      this.magic = magic;
      this.version = version;
      this.width = width;
    }

    int magic() {
      return magic;
    }

    int version() {
      return version;
    }

    SegmentTokens.Width width() {
      return width;
    }
  }

  private Shards() {}

  /** Maps several files as one sequence, in the given order. */
  public static Tokens open(String name, List<Path> files, Arena arena) {
    var parts = new ArrayList<Tokens>();
    for (Path file : files) {
      parts.add(open(file, arena));
    }
    return parts.size() == 1 ? parts.getFirst() : new ConcatTokens(name, parts);
  }

  /** Maps one file; the tokens can be read until {@code arena} is closed. */
  public static Tokens open(Path file, Arena arena) {
    MemorySegment bytes = map(file, arena);
    if (bytes.byteSize() == 0) {
      throw new DataException("read " + file + ": the file is empty; wanted token shards");
    }
    int magic = bytes.byteSize() >= 4 ? bytes.get(INT, 0) : 0;
    for (Format format : Format.values()) {
      if (magic == format.magic) {
        return withHeader(file, bytes, format);
      }
    }
    if (bytes.byteSize() % 2 != 0) {
      throw new DataException(
          Sentence.of(
              "read %s: no token shard: the file has no header and %,d bytes, an "
                  + "odd number; wanted a header with magic %d or %d, or 2 bytes for "
                  + "each token",
              file, bytes.byteSize(), Format.UINT16.magic, Format.UINT32.magic));
    }
    return new SegmentTokens(file.toString(), bytes, SegmentTokens.Width.U16);
  }

  private static Tokens withHeader(Path file, MemorySegment bytes, Format format) {
    if (bytes.byteSize() < HEADER_BYTES) {
      throw new DataException(
          Sentence.of(
              "read %s: the file has %,d bytes, less than its header of %,d; it is "
                  + "truncated, write it again",
              file, bytes.byteSize(), HEADER_BYTES));
    }
    int version = bytes.get(INT, 4);
    if (version != format.version) {
      throw new DataException(
          Sentence.of(
              "read %s: the header has magic %d and version %d; wanted version %d",
              file, format.magic, version, format.version));
    }
    int count = bytes.get(INT, 8);
    long wanted = HEADER_BYTES + (long) count * format.width.bytes();
    if (count <= 0 || wanted != bytes.byteSize()) {
      throw new DataException(
          Sentence.of(
              "read %s: the header says %,d tokens (a file of %,d bytes), but the "
                  + "file has %,d bytes; it is truncated or damaged, write it again",
              file, count, wanted, bytes.byteSize()));
    }
    return new SegmentTokens(file.toString(), bytes.asSlice(HEADER_BYTES), format.width);
  }

  /** Maps a whole file for reading. */
  static MemorySegment map(Path file, Arena arena) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
    } catch (IOException e) {
      throw DataException.of("read", file, e);
    }
  }
}
