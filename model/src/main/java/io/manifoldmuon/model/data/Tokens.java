package io.manifoldmuon.model.data;

/**
 * An immutable sequence of token ids, read by position: in memory, mapped, or composed of others.
 *
 * <p>Safe for concurrent readers.
 */
public sealed interface Tokens permits SegmentTokens, ConcatTokens, SliceTokens {
  /** Where the tokens come from, for messages. */
  String name();

  /** The number of tokens. */
  long size();

  /** The token at {@code index}; a 32-bit id of 2³¹ or more reads as negative. */
  int get(long index);

  /** Copies tokens {@code [from .. from + count)} to {@code destination} at {@code offset}. */
  void copy(long from, int[] destination, int offset, int count);

  /** The view of the tokens {@code [from .. to)}. */
  default Tokens slice(long from, long to) {
    return new SliceTokens(this, from, to);
  }
}
