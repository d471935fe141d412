package uk.ac.manchester.tornado.api.exceptions;

/** A plan could not be closed. */
public class TornadoExecutionPlanException extends Exception {
  private static final long serialVersionUID = 1;

  /** Says what happened. */
  public TornadoExecutionPlanException(String message) {
    super(message);
  }

  /** Says what happened because of what. */
  public TornadoExecutionPlanException(String message, Throwable cause) {
    super(message, cause);
  }
}
