package uk.ac.manchester.tornado.api.enums;

/** Sizes of the products D = A·B + C that tensor cores make: rows, columns and terms. */
public enum MMAShape {
  /** A is 16 × 16, B 16 × 8. */
  M16N8K16
}
