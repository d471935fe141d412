package io.manifoldmuon.model.config;

/** The parts of a matrix that {@code optimizer.hypersphere_muon.mode} makes unit vectors. */
public enum SphereVectors implements Synonym {
  /** Each row, such as a token's vector; {@code per_vector} is accepted for it. */
  PER_ROW("per_row", "per_vector"),
  /** Each column. */
  PER_COLUMN("per_column", null),
  /** Each matrix as one long vector. */
  WHOLE("whole", null);

  private final String spelling;
  private final String synonym;

  SphereVectors(String spelling, String synonym) {
    this.spelling = spelling;
    this.synonym = synonym;
  }

  @Override
  public String synonym() {
    return synonym;
  }

  /** The name as configurations spell it. */
  @Override
  public String toString() {
    return spelling;
  }
}
