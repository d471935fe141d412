package io.manifoldmuon.kernels.host;

import java.util.ArrayList;
import java.util.List;

/** Where in a member's share of the memory the operands of a {@link MatrixRun} lie. */
final class MemberShare {
  /** The elements of a cache line, which members do not share. */
  private static final int LINE = 16;

  /** A place that the steps touch, and where a member's elements of it lie. */
  static final class Part {
    final Buffer buffer;
    final boolean shared;
    final int place;
    final int elements;
    boolean written;

    private Part(Buffer buffer, boolean shared, int place, int elements) {
      this.buffer = buffer;
      this.shared = shared;
      this.place = place;
      this.elements = elements;
    }

    boolean is(Buffer b) {
      return buffer.startsWhere(b) && buffer.size() == b.size();
    }
  }

  private final int count;
  private final List<Part> parts = new ArrayList<>();
  private long elements;

  MemberShare(int count) {
    this.count = count;
  }

  List<Part> parts() {
    return parts;
  }

  /** The elements of a member's share. */
  int elements() {
    return Math.toIntExact(elements);
  }

  /** The elements of all members' shares. */
  int ofAll() {
    long all = count * elements;
    if (all > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "work of "
              + count
              + " members: "
              + all
              + " elements, an array has at most 2^31-1; use a smaller batch or model");
    }
    return (int) all;
  }

  /** Whether a place is one of the parts, or apart from all of them. */
  boolean agrees(Buffer b, boolean shared) {
    return parts.stream()
        .filter(p -> MatrixRun.overlap(p.buffer, b))
        .allMatch(p -> p.is(b) && p.shared == shared && !(shared && p.written));
  }

  boolean writes(Buffer b) {
    return parts.stream().anyMatch(p -> p.written && MatrixRun.overlap(p.buffer, b));
  }

  boolean shares(Buffer b) {
    return parts.stream().anyMatch(p -> p.shared && MatrixRun.overlap(p.buffer, b));
  }

  boolean touches(Buffer b) {
    return parts.stream().anyMatch(p -> MatrixRun.overlap(p.buffer, b));
  }

  /** The part of a place: a member's elements of it, or all of them. */
  Part part(Buffer b, boolean shared) {
    for (Part p : parts) {
      if (p.is(b)) {
        return p;
      }
    }
    int size = shared ? b.size() : b.size() / count;
    Part p = new Part(b, shared, reserve(size), size);
    parts.add(p);
    return p;
  }

  /** Room for elements that lie nowhere else. */
  int reserve(int size) {
    int place = Math.toIntExact(elements);
    elements += (size + LINE - 1L) / LINE * LINE;
    return place;
  }
}
