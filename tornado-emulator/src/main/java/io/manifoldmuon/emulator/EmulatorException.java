package io.manifoldmuon.emulator;

import uk.ac.manchester.tornado.api.exceptions.TornadoRuntimeException;

/** A fault of a kernel or of the graph around it, which TornadoVM may well pass over in silence. */
public final class EmulatorException extends TornadoRuntimeException {
  private static final long serialVersionUID = 1;

  private final Fault fault;

  /** A fault, and where it is. */
  public EmulatorException(Fault fault, String message) {
    super("emulator: " + message);
    this.fault = fault;
  }

  /** A fault that showed itself as an exception. */
  public EmulatorException(Fault fault, String message, Throwable cause) {
    this(fault, message);
    initCause(cause);
  }

  /** What is wrong. */
  public Fault fault() {
    return fault;
  }
}
