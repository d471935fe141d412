package io.manifoldmuon.linalg.polar;

import static org.assertj.core.api.Assertions.assertThat;

import io.manifoldmuon.linalg.CounterRandom;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineOptions;
import io.manifoldmuon.linalg.engine.Engines;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Type;
import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InverseRootTest {

  /** Two matrices RᵀR + shift·I. */
  private static double[] positive(int n, double shift) {
    double[] x = new double[2 * n * n];
    for (int member = 0; member < 2; member++) {
      DMatrixRMaj R = new DMatrixRMaj(n, n);
      for (int i = 0; i < n * n; i++) {
        R.data[i] = CounterRandom.gaussian(3, member, i) / Math.sqrt(n);
      }
      DMatrixRMaj S = new DMatrixRMaj(n, n);
      CommonOps_DDRM.multInner(R, S);
      for (int i = 0; i < n; i++) {
        S.add(i, i, shift);
      }
      System.arraycopy(S.data, 0, x, member * n * n, n * n);
    }
    return x;
  }

  /** Z·S·Z = I. */
  @ParameterizedTest
  @CsvSource({
    "reference,1,1,20,1e-12",
    "reference,13,1,8,1e-12",
    "reference,31,1e-3,12,1e-10",
    "cpu,13,1,8,2e-5",
    "cpu,64,1e-3,10,2e-2"
  })
  void isTheInverseRoot(String engineName, int n, double shift, int steps, double tolerance) {
    Shape shape = Shape.of(2, n, n);
    double[] s = positive(n, shift);
    GraphBuilder g = new GraphBuilder();
    g.output(
        "z",
        InverseRoot.record(g, g.input("s", Type.real(shape)), PolarIteration.polarExpress(steps)));
    try (Engine engine = Engines.open(engineName, EngineOptions.defaults(), _ -> {});
        Program program = engine.compile(g.build())) {
      program.write("s", Tensor.of(shape, s));
      program.run();
      double[] z = program.read("z").doubles();
      for (int member = 0; member < 2; member++) {
        int at = member * n * n;
        DMatrixRMaj Z = new DMatrixRMaj(n, n, true, Arrays.copyOfRange(z, at, at + n * n));
        DMatrixRMaj S = new DMatrixRMaj(n, n, true, Arrays.copyOfRange(s, at, at + n * n));
        DMatrixRMaj ZS = new DMatrixRMaj(n, n);
        DMatrixRMaj ZSZ = new DMatrixRMaj(n, n);
        CommonOps_DDRM.mult(Z, S, ZS);
        CommonOps_DDRM.mult(ZS, Z, ZSZ);
        for (int i = 0; i < n * n; i++) {
          double want = i / n == i % n ? 1 : 0;
          assertThat(Math.abs(ZSZ.data[i] - want)).as("element " + i).isLessThan(tolerance);
          assertThat(Z.data[i]).isEqualTo(Z.get(i % n, i / n));
        }
      }
    }
  }
}
