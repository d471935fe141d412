package io.manifoldmuon.kernels.host;

import io.manifoldmuon.kernels.device.Singular;
import io.manifoldmuon.linalg.Shape;
import java.util.List;
import uk.ac.manchester.tornado.api.KernelContext;

/** Launches of {@link Singular}. */
final class SingularLaunches {
  private SingularLaunches() {}

  static List<Launch> svd(Operands in) {
    Buffer x = in.in(0);
    Buffer sigma = in.out(1);
    Shape s = x.shape();
    boolean tall = s.dim(-2) >= s.dim(-1);
    int rows = tall ? s.dim(-2) : s.dim(-1);
    int k = tall ? s.dim(-1) : s.dim(-2);
    Buffer large = in.out(tall ? 0 : 2);
    Buffer small = in.out(tall ? 2 : 0);
    int count = x.size() / (rows * k);
    Launch jacobi =
        Launch.of(
            "jacobiF32",
            List.of(x),
            List.of(large, sigma, small),
            Grid.covering(count, 1),
            60.0 * x.size() * k,
            (g, id) ->
                g.task(
                    id,
                    Singular::jacobiF32,
                    new KernelContext(),
                    x.floats(),
                    x.offset(),
                    large.floats(),
                    large.offset(),
                    sigma.floats(),
                    sigma.offset(),
                    small.floats(),
                    small.offset(),
                    count,
                    rows,
                    k,
                    tall ? k : 1,
                    tall ? 1 : rows));
    return List.of(ReductionLaunches.firstNotFinite(x, in.auxiliary()), jacobi);
  }
}
