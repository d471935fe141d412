package uk.ac.manchester.tornado.api.types;

/** Sixteen bits of a float; of kernels here, only part of what tensor cores multiply. */
public class HalfFloat {
  private final short bits;

  /** These bits. */
  public HalfFloat(short bits) {
    this.bits = bits;
  }

  /** The bits. */
  public short getHalfFloatValue() {
    return bits;
  }
}
