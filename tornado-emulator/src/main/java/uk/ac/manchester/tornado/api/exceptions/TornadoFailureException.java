package uk.ac.manchester.tornado.api.exceptions;

/** A failure inside of the runtime. */
public class TornadoFailureException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Says what happened. */
  public TornadoFailureException(String message) {
    super(message);
  }

  /** Passes on a failure. */
  public TornadoFailureException(Exception cause) {
    super(cause);
  }
}
