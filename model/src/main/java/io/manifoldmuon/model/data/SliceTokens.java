package io.manifoldmuon.model.data;

import java.util.Objects;

/** The tokens {@code [from .. to)} of another sequence. */
record SliceTokens(Tokens base, long from, long to) implements Tokens {
  SliceTokens {
    Objects.checkFromToIndex(from, to, base.size());
  }

  @Override
  public String name() {
    return base.name();
  }

  @Override
  public long size() {
    return to - from;
  }

  @Override
  public int get(long index) {
    return base.get(from + Objects.checkIndex(index, size()));
  }

  @Override
  public void copy(long start, int[] destination, int offset, int count) {
    Objects.checkFromIndexSize(start, count, size());
    base.copy(from + start, destination, offset, count);
  }
}
