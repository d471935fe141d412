package uk.ac.manchester.tornado.api.types.common;

import java.io.Serializable;
import java.nio.Buffer;

/** Values that can be seen as a buffer. */
public interface PrimitiveStorage<T extends Buffer> extends Serializable {
  /** Sets the values to those that remain in {@code buffer}. */
  void loadFromBuffer(T buffer);

  /** The values as a buffer. */
  T asBuffer();

  /** The number of values. */
  int size();
}
