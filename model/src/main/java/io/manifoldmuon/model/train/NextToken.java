package io.manifoldmuon.model.train;

/** Gives the logits of the token that comes after a text of at most T tokens. */
sealed interface NextToken extends AutoCloseable permits WindowLogits, CachedLogits {

  /**
   * The logits after the first {@code length} tokens of a text, whatever was asked before.
   *
   * @return V numbers
   */
  float[] start(int[] text, int length);

  /**
   * The logits after the first {@code length} tokens of the text of the last call, which has since
   * got one token more.
   */
  float[] next(int[] text, int length);

  @Override
  void close();
}
