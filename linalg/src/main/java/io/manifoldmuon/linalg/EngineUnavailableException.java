package io.manifoldmuon.linalg;

/** An engine or device that was asked for by name cannot be used; the message gives the reason. */
public final class EngineUnavailableException extends UserException {
  private static final long serialVersionUID = 1L;

  public EngineUnavailableException(String message) {
    super(message);
  }

  public EngineUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }

  @Override
  public int exitCode() {
    return 3;
  }
}
