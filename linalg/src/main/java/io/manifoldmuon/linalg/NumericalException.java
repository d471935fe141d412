package io.manifoldmuon.linalg;

/** A value that is not finite, or an iteration that broke down; the message names op and step. */
public final class NumericalException extends UserException {
  private static final long serialVersionUID = 1L;

  public NumericalException(String message) {
    super(message);
  }

  @Override
  public int exitCode() {
    return 4;
  }
}
