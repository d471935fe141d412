package io.manifoldmuon.model.experiment;

/** The two parts of an experiment. */
public enum Phase {
  /** Runs that choose each arm's settings. */
  TUNING("tuning"),
  /** Runs that are compared, each arm at its best settings. */
  MAIN("main");

  private final String spelling;

  Phase(String spelling) {
    this.spelling = spelling;
  }

  /** The name as folders and tables spell it. */
  @Override
  public String toString() {
    return spelling;
  }
}
