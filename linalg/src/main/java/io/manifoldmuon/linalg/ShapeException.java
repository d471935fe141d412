package io.manifoldmuon.linalg;

/** Shapes, element types or sizes that do not fit an operation. */
public final class ShapeException extends UserException {
  private static final long serialVersionUID = 1L;

  public ShapeException(String message) {
    super(message);
  }
}
