package io.manifoldmuon.model.format;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Writes a file beside its place and moves it there when it is complete and on the disk. */
public final class AtomicFile {
  private AtomicFile() {}

  /** What writes the content. */
  @FunctionalInterface
  public interface Content {
    /** Writes everything to {@code channel}. */
    void writeTo(FileChannel channel) throws IOException;
  }

  /**
   * Checks, before work that takes long, that a file could be written.
   *
   * @throws FormatException if it is a folder, or its folder is not there
   */
  public static void check(Path file) {
    Path target = file.toAbsolutePath();
    if (target.getFileName() == null || Files.isDirectory(target)) {
      throw new FormatException(file, "is a folder, wanted the path of a file to write");
    }
    if (!Files.isDirectory(target.getParent())) {
      throw new FormatException(
          file, "cannot be written, its folder does not exist; make it first");
    }
  }

  /**
   * Writes bytes as the content of a file; see {@link #write(Path, Content)}.
   *
   * @throws FormatException if the folder or the disk does not allow it
   */
  public static void write(Path file, byte[] content) {
    write(
        file,
        channel -> {
          ByteBuffer bytes = ByteBuffer.wrap(content);
          while (bytes.hasRemaining()) {
            channel.write(bytes);
          }
        });
  }

  /** Writes a text as the content of a file in UTF-8; see {@link #write(Path, Content)}. */
  public static void write(Path file, String content) {
    write(file, content.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Writes {@code content} to {@code file}. Where that fails, for whatever reason, {@code file}
   * stays as it was and nothing half-written is left.
   *
   * @throws FormatException if the folder or the disk does not allow it
   */
  public static void write(Path file, Content content) {
    check(file);
    Path target = file.toAbsolutePath();
    String mark = Long.toHexString(System.nanoTime());
    Path part = target.resolveSibling("." + target.getFileName() + "." + mark + ".part");
    boolean moved = false;
    try {
      try (FileChannel channel =
          FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        content.writeTo(channel);
        channel.force(true);
      }
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
      moved = true;
      forceFolder(target.getParent());
    } catch (IOException e) {
      String reason =
          e instanceof FileSystemException f && f.getReason() != null
              ? f.getReason()
              : String.valueOf(e.getMessage());
      throw new FormatException(file, "cannot be written: " + reason, e);
    } finally {
      if (!moved) {
        deleteQuietly(part);
      }
    }
  }

  /** Makes the new name durable; not every file system can, and the content already is. */
  private static void forceFolder(Path folder) {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      // The move itself succeeded; only its survival of a power cut is the file system's own.
    }
  }

  private static void deleteQuietly(Path part) {
    try {
      Files.deleteIfExists(part);
    } catch (IOException e) {
      // The first failure is the one to report.
    }
  }
}
