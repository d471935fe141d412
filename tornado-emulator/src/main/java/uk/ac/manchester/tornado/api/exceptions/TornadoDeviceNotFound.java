package uk.ac.manchester.tornado.api.exceptions;

/** There is no such device. */
public class TornadoDeviceNotFound extends TornadoRuntimeException {
  private static final long serialVersionUID = 1;

  /** Says what happened. */
  public TornadoDeviceNotFound(String message) {
    super(message);
  }
}
