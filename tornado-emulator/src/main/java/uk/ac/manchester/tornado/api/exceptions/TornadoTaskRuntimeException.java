package uk.ac.manchester.tornado.api.exceptions;

/** A task is not what a task must be. */
public class TornadoTaskRuntimeException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Says what happened. */
  public TornadoTaskRuntimeException(String message) {
    super(message);
  }

  /** Says what happened because of what. */
  public TornadoTaskRuntimeException(String message, Exception cause) {
    super(message, cause);
  }
}
