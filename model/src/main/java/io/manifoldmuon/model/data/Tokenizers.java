package io.manifoldmuon.model.data;

/** The tokenizers by name. */
public final class Tokenizers {
  private Tokenizers() {}

  /** The tokenizer that the configuration calls {@code name}: {@code bytes} or {@code gpt2}. */
  public static Tokenizer named(String name) {
    return switch (name) {
      case "bytes" -> new ByteTokenizer();
      case "gpt2" -> new Gpt2Tokenizer();
      case null, default ->
          throw new DataException(
              "data.tokenizer: \"" + name + "\" is not known; choose bytes or gpt2");
    };
  }
}
