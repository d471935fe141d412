package io.manifoldmuon.optim;

/** What a parameter does in its model; optimizers are given to parameters by it. */
public enum Role {
  /** A query, key, value or output projection [D, D]. */
  ATTENTION("attention"),
  /** The first matrix [F, D] of an expert or of another feed-forward layer. */
  EXPERT_UP("expert-up"),
  /** The second matrix [D, F] of an expert or of another feed-forward layer. */
  EXPERT_DOWN("expert-down"),
  /** A table of the vectors of tokens or positions, one a row. */
  EMBEDDING("embedding"),
  /** The vectors that tokens are compared with to choose experts, one a row. */
  ROUTER("router"),
  /** Multipliers: gains of normalisations, scalar gains of matrices, temperatures. */
  GAIN("gain");

  private final String tag;

  Role(String tag) {
    this.tag = tag;
  }

  /** Whether it is a matrix [fanOut, fanIn] from one hidden layer to the next. */
  public boolean linearMap() {
    return switch (this) {
      case ATTENTION, EXPERT_UP, EXPERT_DOWN -> true;
      case EMBEDDING, ROUTER, GAIN -> false;
    };
  }

  /** The name in configurations and reports. */
  public String tag() {
    return tag;
  }
}
