package io.manifoldmuon.model.config;

/** The architectures of section {@code model}. */
public enum ModelType {
  /** The mixture-of-experts language model. */
  MOE("moe"),
  /** The normalised transformer: weights and stream are unit vectors. */
  NGPT("ngpt"),
  /** A normalised transformer with gated branches and learned positions. */
  GATED_NGPT("gated-ngpt");

  private final String spelling;

  ModelType(String spelling) {
    this.spelling = spelling;
  }

  /** The name as configurations spell it. */
  @Override
  public String toString() {
    return spelling;
  }
}
