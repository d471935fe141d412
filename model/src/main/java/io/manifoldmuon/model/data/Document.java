package io.manifoldmuon.model.data;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** One text of a corpus: a name that does not depend on the machine, a size, and its bytes. */
sealed interface Document {
  /** The name within the corpus; decides the order of documents. */
  String name();

  /** Where it is, for messages. */
  String place();

  /** The number of bytes. */
  long size();

  /** Opens the bytes from the start; the stream ends after {@link #size()} bytes or fails. */
  InputStream open() throws IOException;

  /** A file. */
  record OfFile(String name, Path path, long size) implements Document {
    @Override
    public String place() {
      return path.toString();
    }

    @Override
    public InputStream open() throws IOException {
      return Files.newInputStream(path);
    }
  }

  /** An entry of an open archive, whose stated size is not believed. */
  record OfArchive(ZipFile archive, ZipEntry entry) implements Document {
    @Override
    public String name() {
      return entry.getName();
    }

    @Override
    public String place() {
      return entry.getName() + " in " + archive.getName();
    }

    @Override
    public long size() {
      return entry.getSize();
    }

    @Override
    public InputStream open() throws IOException {
      return new ExactStream(archive.getInputStream(entry), entry.getSize());
    }
  }

  /** Bytes in memory. */
  final class OfBytes implements Document {
    private final String name;
    private final byte[] bytes;

    /** Keeps {@code bytes}, which nobody may change from now on. */
    OfBytes(String name, byte[] bytes) {
      this.name = name;
      this.bytes = bytes;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public String place() {
      return name;
    }

    @Override
    public long size() {
      return bytes.length;
    }

    @Override
    public InputStream open() {
      return new ByteArrayInputStream(bytes);
    }
  }

  /** Fails when an entry inflates to more or fewer bytes than its archive says. */
  final class ExactStream extends InputStream {
    private final InputStream in;
    private final long size;
    private long count;

    private ExactStream(InputStream in, long size) {
      this.in = in;
      this.size = size;
    }

    @Override
    public int read() throws IOException {
      var one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int n = in.read(bytes, offset, length);
      count += Math.max(n, 0);
      if (count > size || (n < 0 && count < size)) {
        throw new ZipException(
            Sentence.of(
                "the entry does not have the %,d bytes that the archive states; the "
                    + "archive is damaged",
                size));
      }
      return n;
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
