package io.manifoldmuon.model.config;

/** How tokens are given to experts. */
public enum Routing {
  /** The k experts with the largest router logits. */
  TOPK("topk"),
  /** For debugging: token t goes to experts t·k, …, t·k+k−1 (mod E), whatever the router says. */
  ROUND_ROBIN("round_robin");

  private final String spelling;

  Routing(String spelling) {
    this.spelling = spelling;
  }

  /** The name as configurations spell it. */
  @Override
  public String toString() {
    return spelling;
  }
}
