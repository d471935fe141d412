package io.manifoldmuon.model.data;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** The bytes {@code [from .. to)} of a document. */
record TextSlice(Document document, long from, long to) {
  /** A whole document. */
  static TextSlice whole(Document document) {
    return new TextSlice(document, 0, document.size());
  }

  long size() {
    return to - from;
  }

  /** Opens the bytes of the slice. */
  InputStream open() throws IOException {
    InputStream in = document.open();
    try {
      in.skipNBytes(from);
      return new Limited(in, size());
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  /** The part up to {@code length} bytes. */
  TextSlice prefix(long length) {
    return new TextSlice(document, from, Math.min(to, from + length));
  }

  /**
   * The largest position of at most {@code position} where a UTF-8 character starts, at most three
   * bytes before.
   */
  static long characterStart(Document document, long position) throws IOException {
    if (position <= 0 || position >= document.size()) {
      return position;
    }
    long first = Math.max(0, position - 3);
    byte[] bytes;
    try (InputStream in = new TextSlice(document, first, position + 1).open()) {
      bytes = in.readAllBytes();
    }
    for (int i = bytes.length - 1; i >= 0; i--) {
      if ((bytes[i] & 0xC0) != 0x80) {
        return first + i;
      }
    }
    return position;
  }

  /** The next {@code left} bytes of a stream, which must have them. */
  private static final class Limited extends InputStream {
    private final InputStream in;
    private long left;

    private Limited(InputStream in, long left) {
      this.in = in;
      this.left = left;
    }

    @Override
    public int read() throws IOException {
      var one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (left == 0) {
        return -1;
      }
      int n = in.read(bytes, offset, (int) Math.min(length, left));
      if (n < 0) {
        throw new EOFException("it became shorter while it was read");
      }
      left -= n;
      return n;
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
