package io.manifoldmuon.model.data;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** Several sequences, one after the other; a lookup is a binary search over the parts. */
final class ConcatTokens implements Tokens {
  private final String name;
  private final Tokens[] parts;
  private final long[] starts;
  private final long size;

  ConcatTokens(String name, List<? extends Tokens> parts) {
    this.name = name;
    this.parts = parts.stream().filter(p -> p.size() > 0).toArray(Tokens[]::new);
    this.starts = new long[this.parts.length];
    long total = 0;
    for (int i = 0; i < this.parts.length; i++) {
      starts[i] = total;
      total = Math.addExact(total, this.parts[i].size());
    }
    this.size = total;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public int get(long index) {
    Objects.checkIndex(index, size);
    int part = part(index);
    return parts[part].get(index - starts[part]);
  }

  @Override
  public void copy(long from, int[] destination, int offset, int count) {
    Objects.checkFromIndexSize(from, count, size);
    Objects.checkFromIndexSize(offset, count, destination.length);
    int done = 0;
    for (int p = count == 0 ? 0 : part(from); done < count; p++) {
      long inside = from + done - starts[p];
      int n = (int) Math.min(count - done, parts[p].size() - inside);
      parts[p].copy(inside, destination, offset + done, n);
      done += n;
    }
  }

  private int part(long index) {
    int found = Arrays.binarySearch(starts, index);
    return found >= 0 ? found : -found - 2;
  }
}
