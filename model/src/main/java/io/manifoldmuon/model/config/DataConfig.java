package io.manifoldmuon.model.config;

import java.util.List;

/**
 * Section {@code data}: which text, and how it becomes tokens.
 *
 * @param path a file, a folder, a zip, a glob, several of these joined by commas, {@code .bin}
 *     token shards, {@code jdk} (the sources of the running JDK) or {@code synthetic}; null is
 *     {@code jdk}, or {@code synthetic} where the JDK ships no sources
 * @param valPath the validation text, in the same forms; null splits {@code path}
 * @param tokenizer {@code bytes} or {@code gpt2}
 * @param valFraction the share of the text kept for validation where {@code valPath} is null
 * @param maxBytes the most text that is read of each path; 0 is all of it, but 16 MiB of {@code
 *     jdk} and 4 MiB of {@code synthetic}; token shards are not limited
 */
public record DataConfig(
    String path, String valPath, String tokenizer, double valFraction, long maxBytes) {
  private static final String PLACES = "a file, folder, zip, glob, jdk or synthetic, or null";

  public DataConfig {
    if (path != null) {
      Require.text("data.path", path, PLACES);
    }
    if (valPath != null) {
      Require.text("data.val_path", valPath, PLACES);
    }
    Require.oneOf("data.tokenizer", tokenizer, List.of("bytes", "gpt2"));
    if (!(valFraction > 0 && valFraction < 1)) {
      throw ConfigException.of("data.val_fraction", valFraction, "a number above 0 and below 1");
    }
    Require.atLeast("data.max_bytes", maxBytes, 0);
  }

  /** One text, split into training and validation. */
  public DataConfig(String path, String tokenizer, double valFraction, long maxBytes) {
    this(path, null, tokenizer, valFraction, maxBytes);
  }
}
