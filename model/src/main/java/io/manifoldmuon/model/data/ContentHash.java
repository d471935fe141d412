package io.manifoldmuon.model.data;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A cheap fingerprint of token sequences, from samples spread evenly over them. */
final class ContentHash {
  private static final int SAMPLES = 256;
  private static final int SAMPLE_TOKENS = 256;

  private ContentHash() {}

  static String of(Tokenizer tokenizer, Tokens... sequences) {
    MessageDigest digest = sha256();
    digest.update(tokenizer.name().getBytes(StandardCharsets.UTF_8));
    for (Tokens tokens : sequences) {
      digest.update(ByteBuffer.allocate(Long.BYTES).putLong(tokens.size()).flip());
      addSamples(digest, tokens);
    }
    return HexFormat.of().formatHex(digest.digest(), 0, 8);
  }

  private static void addSamples(MessageDigest digest, Tokens tokens) {
    int n = (int) Math.min(SAMPLE_TOKENS, tokens.size());
    var sample = new int[n];
    ByteBuffer bytes = ByteBuffer.allocate(n * Integer.BYTES);
    for (int i = 0; i < SAMPLES; i++) {
      double share = (double) i / (SAMPLES - 1);
      tokens.copy(Math.round((tokens.size() - n) * share), sample, 0, n);
      bytes.clear().asIntBuffer().put(sample);
      digest.update(bytes);
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
