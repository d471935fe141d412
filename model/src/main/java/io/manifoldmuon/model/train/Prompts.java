package io.manifoldmuon.model.train;

import io.manifoldmuon.model.data.Tokenizer;

/** What a model continues. */
public final class Prompts {
  private Prompts() {}

  /** The start of a document where the user gives none: end-of-text, or a line break. */
  public static int[] initial(Tokenizer tokenizer) {
    return tokenizer.endOfText().isPresent()
        ? new int[] {tokenizer.endOfText().getAsInt()}
        : tokenizer.encode("\n");
  }
}
