package uk.ac.manchester.tornado.api.exceptions;

/** A device has not enough memory. */
public class TornadoMemoryException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Says what happened. */
  public TornadoMemoryException(String message) {
    super(message);
  }
}
