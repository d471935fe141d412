package io.manifoldmuon.bench;

import io.manifoldmuon.linalg.UserException;

/** A benchmark that could not be run. */
final class BenchException extends UserException {
  private static final long serialVersionUID = 1;

  BenchException(String message, Throwable cause) {
    super(message, cause);
  }

  @Override
  public int exitCode() {
    return 1;
  }
}
