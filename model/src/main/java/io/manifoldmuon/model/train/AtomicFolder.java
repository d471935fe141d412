package io.manifoldmuon.model.train;

import io.manifoldmuon.model.format.AtomicFile;
import io.manifoldmuon.model.format.FormatException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.stream.Stream;

/**
 * Writes a folder so that it is there whole or not at all: under another name beside the target,
 * forced to the disk, then renamed. For a single file see {@link AtomicFile}.
 */
final class AtomicFolder {

  /** Writes what will become the target. */
  interface Writer {
    void write(Path temporary) throws IOException;
  }

  private AtomicFolder() {}

  /**
   * Makes the folder {@code target}, which must not exist, of the files that {@code writer} puts
   * into the folder it is given.
   *
   * @throws OutputException if that fails; nothing is left behind
   */
  static void write(Path target, Writer writer) {
    rename(
        target,
        temporary -> {
          Files.createDirectory(temporary);
          writer.write(temporary);
        });
  }

  /**
   * Writes one file whole or not at all, in place of what is there.
   *
   * @throws OutputException if that fails
   */
  static void writeFile(Path file, AtomicFile.Content content) {
    try {
      AtomicFile.write(file, content);
    } catch (FormatException e) {
      throw e.getCause() instanceof IOException failure ? OutputException.of(file, failure) : e;
    }
  }

  /**
   * Removes a folder so that it is there whole or not at all: another name first.
   *
   * @throws OutputException if that fails
   */
  static void remove(Path folder) {
    Path absolute = folder.toAbsolutePath();
    String name = "." + absolute.getFileName() + ".deleting-" + ProcessHandle.current().pid();
    Path doomed = absolute.resolveSibling(name);
    try {
      delete(doomed);
      Files.move(absolute, doomed, StandardCopyOption.ATOMIC_MOVE);
      delete(doomed);
    } catch (IOException e) {
      throw OutputException.of(folder, e);
    }
  }

  private static void rename(Path target, Writer writer) {
    Path absolute = target.toAbsolutePath();
    String name = "." + absolute.getFileName() + ".writing-" + ProcessHandle.current().pid();
    Path temporary = absolute.resolveSibling(name);
    try {
      try {
        delete(temporary);
        writer.write(temporary);
        force(temporary);
        Files.move(temporary, absolute, StandardCopyOption.ATOMIC_MOVE);
        forceOne(absolute.getParent());
      } finally {
        delete(temporary);
      }
    } catch (FormatException e) { // it names the temporary file, which means nothing to the user
      throw e.getCause() instanceof IOException failure ? OutputException.of(target, failure) : e;
    } catch (IOException e) {
      throw OutputException.of(target, e);
    }
  }

  private static void force(Path path) throws IOException {
    List<Path> all;
    try (Stream<Path> walk = Files.walk(path)) {
      all = walk.toList();
    }
    for (Path p : all) {
      forceOne(p);
    }
  }

  /** Forces a file, or the entries of a folder where the system lets folders be opened. */
  private static void forceOne(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
    } else if (path.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  /** Deletes a file or folder with all in it, if it exists; links are not followed. */
  static void delete(Path path) throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Files.walkFileTree(
        path,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.delete(folder);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
