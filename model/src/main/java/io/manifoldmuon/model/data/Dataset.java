package io.manifoldmuon.model.data;

import io.manifoldmuon.model.config.DataConfig;
import java.lang.foreign.Arena;
import java.util.OptionalDouble;
import java.util.function.Consumer;

/**
 * The tokens of a run: training and validation sequences, and how to read them as text.
 *
 * <p>Holds memory maps until it is closed; the tokens cannot be read after that.
 */
public final class Dataset implements AutoCloseable {
  private final Tokenizer tokenizer;
  private final Tokens train;
  private final Tokens validation;
  private final String description;
  private final OptionalDouble floor;
  private final Arena arena;

  Dataset(
      Tokenizer tokenizer,
      Tokens train,
      Tokens validation,
      String description,
      OptionalDouble floor,
      Arena arena) {
    this.tokenizer = tokenizer;
    this.train = train;
    this.validation = validation;
    this.description = description;
    this.floor = floor;
    this.arena = arena;
  }

  /**
   * Opens the data of a run.
   *
   * @param contextLength T; both sequences have at least one window of T + 1 tokens
   * @param notices receives a sentence for each choice that the user should know of: a fallback,
   *     files skipped
   */
  public static Dataset open(DataConfig config, int contextLength, Consumer<String> notices) {
    return DatasetLoader.load(config, contextLength, notices, false);
  }

  /**
   * Opens all of {@code config.path()} for evaluation, without a split: {@link #train()} and {@link
   * #validation()} are the same sequence. A single text has no end-of-text token at its start.
   */
  public static Dataset openWhole(DataConfig config, int contextLength, Consumer<String> notices) {
    return DatasetLoader.load(config, contextLength, notices, true);
  }

  public Tokenizer tokenizer() {
    return tokenizer;
  }

  public Tokens train() {
    return train;
  }

  public Tokens validation() {
    return validation;
  }

  /** One line: source, tokenizer, sizes. */
  public String description() {
    return description;
  }

  /**
   * The least possible expected loss in nats a token over windows of the context length, where it
   * is known: with the synthetic language, read as bytes.
   */
  public OptionalDouble lossFloor() {
    return floor;
  }

  /**
   * Identifies the tokens: 16 hexadecimal digits of SHA-256 over tokenizer, sizes and samples of
   * both sequences.
   */
  public String contentHash() {
    return ContentHash.of(tokenizer, train, validation);
  }

  @Override
  public void close() {
    arena.close();
  }
}
