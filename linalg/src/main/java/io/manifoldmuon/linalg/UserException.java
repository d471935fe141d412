package io.manifoldmuon.linalg;

/**
 * A problem that the caller caused and can mend: bad input, an impossible request, a missing
 * device.
 *
 * <p>The message is one sentence of the form {@code operation: what was given, what was wanted,
 * what to do}. Programs print it without a stack trace and end with {@link #exitCode()}.
 */
public abstract class UserException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  protected UserException(String message) {
    super(message);
  }

  protected UserException(String message, Throwable cause) {
    super(message, cause);
  }

  /** The process exit code: 2 bad input, 3 engine or device unavailable, 4 training diverged. */
  public int exitCode() {
    return 2;
  }
}
