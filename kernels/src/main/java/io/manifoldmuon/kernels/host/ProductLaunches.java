package io.manifoldmuon.kernels.host;

import io.manifoldmuon.kernels.device.PlainProducts;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.graph.Op;
import java.util.List;
import uk.ac.manchester.tornado.api.KernelContext;

/** Launches of {@link PlainProducts}. */
final class ProductLaunches {
  private ProductLaunches() {}

  static Launch matMul(Operands in, Op.MatMul op) {
    Shape a = in.shape(0);
    int k = a.dim(op.transposeA() ? -2 : -1);
    return matMul(in.in(0), in.in(1), in.out(0), k, op.transposeA(), op.transposeB());
  }

  static Launch gram(Operands in, Op.Gram op) {
    Shape x = in.shape(0);
    int k = x.dim(op.rows() ? -1 : -2);
    return matMul(in.in(0), in.in(0), in.out(0), k, !op.rows(), op.rows());
  }

  private static Launch matMul(Buffer a, Buffer b, Buffer y, int k, boolean ta, boolean tb) {
    int m = y.shape().dim(-2);
    int n = y.shape().dim(-1);
    int count = y.size() / (m * n);
    return Launch.of(
        "matMulF32",
        List.of(a, b),
        List.of(y),
        Grid.covering(y.size()),
        2.0 * y.size() * k,
        (g, id) ->
            g.task(
                id,
                PlainProducts::matMulF32,
                new KernelContext(),
                a.floats(),
                a.offset(),
                b.floats(),
                b.offset(),
                y.floats(),
                y.offset(),
                count,
                m,
                k,
                n,
                ta ? 1 : 0,
                tb ? 1 : 0));
  }

  static Launch groupedMatMul(Operands in, Op.GroupedMatMul op) {
    Buffer x = in.in(0);
    Buffer w = in.in(1);
    Buffer offsets = in.in(2);
    Buffer y = in.out(0);
    int rows = y.shape().dim(0);
    int n = y.shape().dim(1);
    int k = x.shape().dim(1);
    int experts = w.shape().dim(0);
    return Launch.of(
        "groupedMatMulF32",
        List.of(x, w, offsets),
        List.of(y),
        Grid.covering(y.size()),
        2.0 * y.size() * k,
        (g, id) ->
            g.task(
                id,
                PlainProducts::groupedMatMulF32,
                new KernelContext(),
                x.floats(),
                x.offset(),
                w.floats(),
                w.offset(),
                offsets.ints(),
                offsets.offset(),
                y.floats(),
                y.offset(),
                rows,
                k,
                n,
                experts,
                op.transposeW() ? 1 : 0));
  }

  static Launch groupedOuter(Operands in, Op.GroupedOuter op) {
    Buffer a = in.in(0);
    Buffer b = in.in(1);
    Buffer offsets = in.in(2);
    Buffer y = in.out(0);
    int m = a.shape().dim(1);
    int n = b.shape().dim(1);
    return Launch.of(
        "groupedOuterF32",
        List.of(a, b, offsets),
        List.of(y),
        Grid.covering(y.size()),
        2.0 * a.size() * n,
        (g, id) ->
            g.task(
                id,
                PlainProducts::groupedOuterF32,
                new KernelContext(),
                a.floats(),
                a.offset(),
                b.floats(),
                b.offset(),
                offsets.ints(),
                offsets.offset(),
                y.floats(),
                y.offset(),
                m,
                n,
                op.experts()));
  }
}
