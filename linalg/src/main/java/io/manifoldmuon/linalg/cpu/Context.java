package io.manifoldmuon.linalg.cpu;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.graph.Graph;
import io.manifoldmuon.linalg.graph.Node;

/** What the kernels of one program are made from: team, products, addresses, scratch memory. */
final class Context {
  /** Elements below which a range is not split further. */
  private static final int GRAIN = 8192;

  final Graph graph;
  final ThreadTeam team;
  final OpenBlas blas;
  final Products products;
  private final long[] addresses;
  private long scratchFloats;
  private long scratchBase;

  Context(Graph graph, ThreadTeam team, OpenBlas blas, long[] addresses) {
    this.graph = graph;
    this.team = team;
    this.blas = blas;
    this.products = new Products(team, blas);
    this.addresses = addresses;
  }

  long in(Node n, int i) {
    return addresses[n.inputs().get(i)];
  }

  long out(Node n, int i) {
    return addresses[n.outputs().get(i)];
  }

  Shape inShape(Node n, int i) {
    return graph.type(n.inputs().get(i)).shape();
  }

  Shape outShape(Node n, int i) {
    return graph.type(n.outputs().get(i)).shape();
  }

  /** Asks for scratch memory, shared by all kernels because they run one after the other. */
  void needScratch(long floats) {
    scratchFloats = Math.max(scratchFloats, floats);
  }

  long scratchFloats() {
    return scratchFloats;
  }

  void setScratch(long address) {
    scratchBase = address;
  }

  /** The scratch memory's address; known when the kernels run. */
  long scratch() {
    return scratchBase;
  }

  /** Runs {@code body} over [0, n) elements, split between the threads at multiples of 64. */
  Kernel elements(long n, RangeTask body) {
    int parts = (int) Math.max(1, Math.min(4L * team.threads(), n / GRAIN));
    long step = ((n + parts - 1) / parts + 63) / 64 * 64;
    int used = (int) ((n + step - 1) / step);
    ThreadTeam.Task task = (part, _) -> body.run(part * step, Math.min(n, (part + 1) * step));
    return () -> team.run(used, task);
  }

  /** Runs {@code body} over [0, rows) rows of {@code width} elements. */
  Kernel rows(int rows, long width, RangeTask body) {
    int parts = rowParts(rows, width);
    long step = (rows + parts - 1L) / parts;
    int used = (int) ((rows + step - 1) / step);
    ThreadTeam.Task task = (part, _) -> body.run(part * step, Math.min(rows, (part + 1) * step));
    return () -> team.run(used, task);
  }

  /** How many parts {@link #rows} makes. */
  int rowParts(int rows, long width) {
    return (int) Math.max(1, Math.min(Math.min(4L * team.threads(), rows), rows * width / GRAIN));
  }

  /** The work on a range of elements or rows. */
  interface RangeTask {
    void run(long from, long to);
  }
}
