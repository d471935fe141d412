package io.manifoldmuon.linalg.engine;

/**
 * A replay that was given up on request before it changed any variable; see {@link
 * Engine#abandonWhen}.
 */
public final class AbandonedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** A replay on the named engine. */
  public AbandonedException(String engine) {
    super(
        engine + ": the replay was given up on request, no variable has changed",
        null,
        false,
        false);
  }
}
