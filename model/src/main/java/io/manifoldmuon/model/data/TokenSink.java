package io.manifoldmuon.model.data;

import java.io.IOException;

/** Receives the tokens of a text, block after block, in order. */
@FunctionalInterface
public interface TokenSink {
  /** Takes {@code tokens[offset .. offset + count)}; the array is reused after the call. */
  void accept(int[] tokens, int offset, int count) throws IOException;
}
