package io.manifoldmuon.model.train;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One process at a time trains in a folder: a lock of the system on its file {@code .lock}, which
 * holds the process number. The system gives the lock back however the process ends, and the file
 * stays, because a lock file that is removed can be locked twice.
 */
final class RunLock implements AutoCloseable {
  static final String NAME = ".lock";

  /** Far behind the text, which others may read where locks keep readers out. */
  private static final long PLACE = Long.MAX_VALUE - 1;

  private static final int LONGEST_PID = 20;

  /** Folders of this process: closing a second channel would give the first one's lock back. */
  private static final Set<Path> HERE = ConcurrentHashMap.newKeySet();

  private final Path folder;
  private final FileChannel channel;

  private RunLock(Path folder, FileChannel channel) {
    this.folder = folder;
    this.channel = channel;
  }

  /**
   * Locks a folder that exists.
   *
   * @throws OutputException if another run has it, naming its process, or it cannot be written
   */
  static RunLock of(Path folder) {
    RunLock lock = open(folder);
    try {
      String pid = Long.toString(ProcessHandle.current().pid());
      lock.channel.truncate(0);
      lock.channel.write(ByteBuffer.wrap(pid.getBytes(StandardCharsets.US_ASCII)), 0);
      return lock;
    } catch (IOException e) {
      lock.close();
      throw OutputException.of(folder.resolve(NAME), e);
    }
  }

  private static RunLock open(Path folder) {
    Path real;
    FileChannel channel = null;
    boolean locked = false;
    try {
      real = folder.toRealPath();
      if (!HERE.add(real)) {
        throw inUse(folder, Long.toString(ProcessHandle.current().pid()));
      }
    } catch (IOException e) {
      throw OutputException.of(folder, e);
    }
    try {
      channel =
          FileChannel.open(
              folder.resolve(NAME),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      FileLock lock = channel.tryLock(PLACE, 1, false);
      if (lock == null) {
        throw inUse(folder, holder(channel));
      }
      locked = true;
      return new RunLock(real, channel);
    } catch (IOException e) {
      throw OutputException.of(folder.resolve(NAME), e);
    } finally {
      if (!locked) {
        HERE.remove(real);
        closeQuietly(channel);
      }
    }
  }

  /**
   * Refuses a folder that another run has, if it exists; changes nothing.
   *
   * @throws OutputException naming the process
   */
  static void refuseHeld(Path folder) {
    if (Files.isRegularFile(folder.resolve(NAME)) && Files.isWritable(folder.resolve(NAME))) {
      open(folder).close();
    }
  }

  private static String holder(FileChannel channel) throws IOException {
    ByteBuffer text = ByteBuffer.allocate(LONGEST_PID);
    channel.read(text, 0);
    String pid = new String(text.array(), 0, text.position(), StandardCharsets.US_ASCII);
    return pid.matches("\\d+") ? pid : "unknown";
  }

  private static OutputException inUse(Path folder, String pid) {
    return new OutputException(
        "write "
            + folder
            + ": process "
            + pid
            + " is training in this folder; wait for its end, or choose another folder with --out");
  }

  private static void closeQuietly(FileChannel channel) {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        // Nothing was written through it, and the failure that led here is the one to report.
      }
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw OutputException.of(folder.resolve(NAME), e);
    } finally {
      HERE.remove(folder);
    }
  }
}
