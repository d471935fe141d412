package io.manifoldmuon.model.train;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What a file must be to be the one that was written.
 *
 * @param bytes its length
 * @param sha256 of its content, in hexadecimal
 */
record FileDigest(@JsonProperty("bytes") long bytes, @JsonProperty("sha256") String sha256) {
  private static final int CHUNK = 1 << 16;

  /** The digest of a file as it is now. */
  static FileDigest of(Path file) throws IOException {
    MessageDigest digest = newSha256();
    byte[] chunk = new byte[CHUNK];
    long bytes = 0;
    try (InputStream in = Files.newInputStream(file)) {
      for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
        digest.update(chunk, 0, n);
        bytes += n;
      }
    }
    return new FileDigest(bytes, HexFormat.of().formatHex(digest.digest()));
  }

  private static MessageDigest newSha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
