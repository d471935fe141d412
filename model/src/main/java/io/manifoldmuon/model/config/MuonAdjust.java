package io.manifoldmuon.model.config;

/** The factors on Muon's learning rate by the shape of a matrix that {@code adjust} can name. */
public enum MuonAdjust {
  /** √max(1, fanOut/fanIn). */
  ORIGINAL("original"),
  /** 0.2·√max(fanOut, fanIn). */
  MATCH_RMS_ADAMW("match_rms_adamw"),
  /** 1. */
  NONE("none");

  private final String spelling;

  MuonAdjust(String spelling) {
    this.spelling = spelling;
  }

  /** The name as configurations spell it. */
  @Override
  public String toString() {
    return spelling;
  }
}
