package io.manifoldmuon.model.config;

import java.util.List;

/**
 * Section {@code data}: which text, and how it becomes tokens.
 *
 * @param path a file, folder, zip or glob; null is the default corpus
 * @param tokenizer {@code bytes} or {@code gpt2}
 * @param valFraction the share of the text kept for validation
 * @param maxBytes the most text that is read; 0 is all of it
 */
public record DataConfig(String path, String tokenizer, double valFraction, long maxBytes) {
  public DataConfig {
    if (path != null) {
      Require.text(
          "data.path", path, "a file, folder, zip or glob, or null for the default corpus");
    }
    Require.oneOf("data.tokenizer", tokenizer, List.of("bytes", "gpt2"));
    Require.fractionBelowOne("data.val_fraction", valFraction);
    Require.atLeast("data.max_bytes", maxBytes, 0);
  }
}
