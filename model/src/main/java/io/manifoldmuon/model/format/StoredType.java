package io.manifoldmuon.model.format;

import java.util.Optional;

/**
 * An element type of a safetensors file, in the order that the format's own library gives them: by
 * growing alignment. A file that stores tensors in falling order keeps each of them aligned.
 */
public enum StoredType {
  BOOL(8),
  F4(4),
  F6_E2M3(6),
  F6_E3M2(6),
  U8(8),
  I8(8),
  F8_E5M2(8),
  F8_E4M3(8),
  F8_E8M0(8),
  I16(16),
  U16(16),
  F16(16),
  BF16(16),
  I32(32),
  U32(32),
  F32(32),
  C64(64),
  F64(64),
  I64(64),
  U64(64);

  private final int bits;

  StoredType(int bits) {
    this.bits = bits;
  }

  /** The bits of one element. */
  public int bits() {
    return bits;
  }

  /** The type of this name, exactly; empty where the format has none. */
  static Optional<StoredType> of(String name) {
    for (StoredType type : values()) {
      if (type.name().equals(name)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }

  /**
   * The bytes of {@code elements} of this type.
   *
   * @throws ArithmeticException if they are not whole or beyond 2^63−1
   */
  long bytes(long elements) {
    if (bits >= 8) {
      return Math.multiplyExact(elements, (long) (bits / 8));
    }
    long allBits = Math.multiplyExact(elements, (long) bits);
    if (allBits % 8 != 0) {
      throw new ArithmeticException(elements + " elements of " + bits + " bits are no whole bytes");
    }
    return allBits / 8;
  }
}
