package io.manifoldmuon.kernels.host;

import io.manifoldmuon.linalg.DType;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.graph.Type;

/**
 * A variable of an engine. Each program has a copy of its own on the device, for execution plans
 * share nothing; this says which copy is the newest.
 */
final class DeviceVariable {
  private final Type type;
  private Tensor host;
  private DeviceProgram owner;
  private long version;

  DeviceVariable(Type type) {
    this.type = type;
    this.host =
        type.dtype() == DType.REAL
            ? Tensor.of(type.shape(), new float[type.shape().size()])
            : Tensor.of(type.shape(), new int[type.shape().size()]);
  }

  Type type() {
    return type;
  }

  /** Grows with each change. */
  long version() {
    return version;
  }

  /** The host has given new content, which no one changes. */
  void set(Tensor value) {
    host = value;
    owner = null;
    version++;
  }

  /** A program has changed its copy. */
  void changedBy(DeviceProgram program) {
    host = null;
    owner = program;
    version++;
  }

  boolean isOwnedBy(DeviceProgram program) {
    return owner == program;
  }

  /** The newest content, brought to the host if it is not there; not to be written. */
  Tensor content(String label) {
    if (host == null) {
      host = owner.variable(label);
    }
    return host;
  }
}
