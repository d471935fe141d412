package io.manifoldmuon.linalg.cpu;

import static io.manifoldmuon.linalg.cpu.Memory.getInt;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.graph.Node;
import io.manifoldmuon.linalg.graph.Op;

/** Products of matrices, of whole stacks and of the rows of each expert. */
final class ProductKernels {
  private final Context c;

  ProductKernels(Context c) {
    this.c = c;
  }

  Kernel matMul(Node n, Op.MatMul o) {
    Shape a = c.inShape(n, 0);
    Shape y = c.outShape(n, 0);
    int m = y.dim(-2);
    int w = y.dim(-1);
    int k = a.dim(o.transposeA() ? -2 : -1);
    int count = y.size() / m / w;
    Products.Dims d = new Products.Dims(count, m, w, k, o.transposeA(), o.transposeB());
    return c.products.matMul(d, c.in(n, 0), c.in(n, 1), c.out(n, 0));
  }

  Kernel groupedMatMul(Node n, Op.GroupedMatMul o) {
    int experts = c.inShape(n, 1).dim(0);
    int k = c.inShape(n, 0).dim(1);
    Shape y = c.outShape(n, 0);
    Kernel check = checkOffsets(n, 2, experts, y.dim(0));
    Kernel product =
        c.products.grouped(
            y.dim(0),
            experts,
            k,
            y.dim(1),
            o.transposeW(),
            c.in(n, 0),
            c.in(n, 1),
            c.in(n, 2),
            c.out(n, 0));
    return () -> {
      check.run();
      product.run();
    };
  }

  Kernel groupedOuter(Node n, Op.GroupedOuter o) {
    Shape y = c.outShape(n, 0);
    Kernel check = checkOffsets(n, 2, o.experts(), c.inShape(n, 0).dim(0));
    Kernel product =
        c.products.groupedOuter(
            o.experts(), y.dim(1), y.dim(2), c.in(n, 0), c.in(n, 1), c.in(n, 2), c.out(n, 0));
    return () -> {
      check.run();
      product.run();
    };
  }

  /** Offsets address memory: they must rise from 0 to the number of rows. */
  private Kernel checkOffsets(Node n, int input, int experts, int rowCount) {
    long offsets = c.in(n, input);
    return () -> {
      int last = 0;
      for (int e = 0; e <= experts; e++) {
        int o = getInt(offsets, e);
        if (o < last || o > rowCount || (e == 0 && o != 0) || (e == experts && o != rowCount)) {
          throw new IllegalArgumentException(
              n.where()
                  + ": offset "
                  + o
                  + " of expert "
                  + e
                  + ", wanted a rise from 0 to "
                  + rowCount);
        }
        last = o;
      }
    };
  }
}
