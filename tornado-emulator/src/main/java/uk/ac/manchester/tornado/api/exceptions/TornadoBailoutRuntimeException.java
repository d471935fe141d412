package uk.ac.manchester.tornado.api.exceptions;

/** A kernel or a graph cannot run on its device. */
public class TornadoBailoutRuntimeException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Says what happened. */
  public TornadoBailoutRuntimeException(String message) {
    super(message);
  }

  /** Says what happened because of what. */
  public TornadoBailoutRuntimeException(String message, Exception cause) {
    super(message, cause);
  }
}
