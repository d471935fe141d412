package io.manifoldmuon.kernels.host;

import io.manifoldmuon.kernels.device.Reductions;

/**
 * How a long sum is cut: {@code count} pieces of {@code length} terms, the last one shorter; the
 * sums of the pieces are added by a second task. It depends on sizes alone, so that bits do not
 * change.
 */
record Pieces(int count, int length) {
  /** Rows up to this width are summed by one work-item. */
  private static final int NARROW = 32;

  private static final int LONGEST_ROW = 8192;
  private static final int ROW_PIECE = 2048;
  private static final int ENOUGH_ROWS = 256;
  private static final int LONGEST_COLUMN = 256;
  private static final int COLUMN_PIECE = 128;
  private static final int SLOT_PIECE = 64;

  static Pieces of(int terms, int length) {
    return new Pieces((terms + length - 1) / length, length);
  }

  static Pieces whole(int terms) {
    return new Pieces(1, terms);
  }

  /** The work-items that share a row. */
  static int lanes(int width) {
    return width <= NARROW ? 1 : Reductions.GROUP;
  }

  /** Cuts the rows of {@code rows} sums along a row. */
  static Pieces ofRows(int rows, int width) {
    return width > LONGEST_ROW && rows < ENOUGH_ROWS ? of(width, ROW_PIECE) : whole(width);
  }

  /** Cuts sums down the columns. */
  static Pieces ofColumns(int rows) {
    return rows > LONGEST_COLUMN ? of(rows, COLUMN_PIECE) : whole(rows);
  }

  /** Cuts slots that are sorted into {@code experts} bins. */
  static Pieces ofSlots(int slots, int experts) {
    // not many more bins than slots: a vocabulary is sorted in few pieces
    int length = Math.max(SLOT_PIECE, Math.min(slots, experts));
    return of(slots, length);
  }
}
