package uk.ac.manchester.tornado.api.exceptions;

/** A graph or a plan cannot do what it was asked for. */
public class TornadoRuntimeException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Says what happened. */
  public TornadoRuntimeException(String message) {
    super(message);
  }

  /** Passes on a failure. */
  public TornadoRuntimeException(Exception cause) {
    super(cause);
  }
}
