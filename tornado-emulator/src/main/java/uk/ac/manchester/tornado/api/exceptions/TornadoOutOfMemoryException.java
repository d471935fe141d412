package uk.ac.manchester.tornado.api.exceptions;

/** A device has no memory left. */
public class TornadoOutOfMemoryException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Says what happened. */
  public TornadoOutOfMemoryException(String message) {
    super(message);
  }
}
