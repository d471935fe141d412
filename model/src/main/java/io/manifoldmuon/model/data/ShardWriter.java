package io.manifoldmuon.model.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes tokens to shards {@code PREFIX_000000.bin}, {@code PREFIX_000001.bin}, … (the layout is in
 * {@link Shards}).
 *
 * <p>The shards are written beside their places under temporary names, and forced to disk; only
 * {@link #commit()} renames them. Closing without a commit deletes them, so that a failure leaves
 * nothing half-written.
 */
public final class ShardWriter implements TokenSink, AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 20;

  private final Path folder;
  private final String prefix;
  private final int shardTokens;
  private final Shards.Format format;
  private final ByteBuffer buffer =
      ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private final List<Path> temporary = new ArrayList<>();

  private FileChannel channel;
  private int inShard;
  private long total;

  /**
   * A writer of shards of at most {@code shardTokens} tokens.
   *
   * @param folder exists
   * @param vocabSize decides between 16 and 32 bits a token
   */
  public ShardWriter(Path folder, String prefix, int vocabSize, int shardTokens) {
    if (shardTokens < 1) {
      throw new DataException(
          Sentence.of("prepare: a shard of %d tokens; wanted at least 1", shardTokens));
    }
    this.folder = folder;
    this.prefix = prefix;
    this.shardTokens = shardTokens;
    this.format = vocabSize <= 1 << 16 ? Shards.Format.UINT16 : Shards.Format.UINT32;
  }

  /** The number of tokens written so far. */
  public long total() {
    return total;
  }

  @Override
  public void accept(int[] tokens, int offset, int count) {
    try {
      for (int i = 0; i < count; i++) {
        put(tokens[offset + i]);
      }
    } catch (IOException e) {
      throw failure(e);
    }
  }

  private void put(int token) throws IOException {
    if (channel == null) {
      openShard();
    }
    if (buffer.remaining() < format.width().bytes()) {
      drain();
    }
    switch (format) {
      case UINT16 -> buffer.putShort((short) token);
      case UINT32 -> buffer.putInt(token);
    }
    inShard++;
    total++;
    if (inShard == shardTokens) {
      closeShard();
    }
  }

  /**
   * Finishes the last shard and gives all of them their names.
   *
   * @return the shards, in order
   */
  public List<Path> commit() {
    try {
      if (channel != null) {
        closeShard();
      }
      var shards = new ArrayList<Path>();
      for (int i = 0; i < temporary.size(); i++) {
        Path shard = folder.resolve(Sentence.of("%s_%06d.bin", prefix, i));
        rename(temporary.get(i), shard);
        shards.add(shard);
      }
      temporary.clear();
      return shards;
    } catch (IOException e) {
      throw failure(e);
    }
  }

  /** Deletes what is not committed. */
  @Override
  public void close() {
    try {
      if (channel != null) {
        channel.close();
      }
      for (Path file : temporary) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw failure(e);
    }
  }

  private void openShard() throws IOException {
    Path file =
        folder.resolve(
            Sentence.of(
                ".%s_%06d.%d.tmp", prefix, temporary.size(), ProcessHandle.current().pid()));
    channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
    temporary.add(file);
    file.toFile().deleteOnExit(); // for a program that is interrupted
    buffer.clear();
    putHeader(0);
    inShard = 0;
  }

  private void closeShard() throws IOException {
    drain();
    putHeader(inShard);
    buffer.flip();
    for (long at = 0; buffer.hasRemaining(); ) {
      at += channel.write(buffer, at);
    }
    channel.force(true);
    channel.close();
    channel = null;
  }

  private void putHeader(int count) {
    buffer.clear();
    buffer.putInt(format.magic()).putInt(format.version()).putInt(count);
    while (buffer.position() < Shards.HEADER_BYTES) {
      buffer.putInt(0);
    }
  }

  private void drain() throws IOException {
    buffer.flip();
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
    buffer.clear();
  }

  private static void rename(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private DataException failure(IOException e) {
    return DataException.of("write token shards to", folder, e);
  }
}
