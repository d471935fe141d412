package io.manifoldmuon.linalg.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.manifoldmuon.linalg.CounterRandom;
import io.manifoldmuon.linalg.EngineUnavailableException;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.graph.Graph;
import io.manifoldmuon.linalg.graph.Op;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The contract on the reference engine, and the checks of the case table and of {@code Vjp}. */
class ReferenceEngineTest extends EngineContract {

  @Override
  public Engine open() {
    return Engines.open("reference", EngineOptions.defaults(), _ -> {});
  }

  @Override
  public double unitRoundoff() {
    return 0x1.0p-53;
  }

  @Test
  void everyOpHasACase() {
    Set<String> covered =
        CaseTable.all().stream().map(c -> c.op().name()).collect(Collectors.toSet());
    Set<String> all =
        Arrays.stream(Op.class.getPermittedSubclasses())
            .map(Class::getSimpleName)
            .collect(Collectors.toSet());
    assertThat(all).hasSizeGreaterThan(35);
    assertThat(covered).isEqualTo(all);
  }

  @Test
  void everyCaseContainsItsOpAndHasANameOfItsOwn() {
    for (Case c : CaseTable.all()) {
      Graph graph = c.op() instanceof Op.Variable ? c.full() : c.forward();
      assertThat(graph.nodes()).as(c.name()).extracting(n -> n.op().name()).contains(c.op().name());
    }
    assertThat(CaseTable.all()).extracting(Case::name).doesNotHaveDuplicates();
  }

  @Test
  void everyOpWithAGradientHasACaseThatUsesIt() {
    Set<String> differentiated =
        CaseTable.differentiable().stream().map(c -> c.op().name()).collect(Collectors.toSet());
    assertThat(differentiated)
        .containsAll(
            Set.of("Reshape", "Slice", "Concat", "Map", "Zip", "Expand", "Sum", "Dot", "MatMul"))
        .containsAll(Set.of("GroupedMatMul", "GroupedOuter", "RmsNorm", "Softmax", "LogSumExp"))
        .containsAll(Set.of("Embedding", "Rope", "CausalAttention", "CrossEntropy", "TakeColumns"))
        .containsAll(Set.of("GatherTokens", "SumTokens", "CombineTokens"));
  }

  @Test
  void itIsChosenOnlyByName() {
    EngineProvider provider =
        Engines.providers().stream()
            .filter(p -> p.name().equals("reference"))
            .findFirst()
            .orElseThrow();
    assertThat(provider.preference()).isNegative();
    assertThat(provider.probe().available()).isTrue();
    assertThat(provider.probe().reason()).contains("float64").contains("slow");
    assertThatThrownBy(() -> provider.open(new EngineOptions(0, "gpu:0")))
        .isInstanceOf(EngineUnavailableException.class)
        .hasMessageContaining("gpu:0");
  }

  // ---- gradients against finite differences -------------------------------------------------

  /** The slope of the functional along a random direction, by a difference of fourth order. */
  @ParameterizedTest
  @MethodSource("io.manifoldmuon.linalg.engine.CaseTable#differentiable")
  void gradientIsTheSlope(Case c) {
    Map<String, Tensor> full = Truth.of(c).values();
    Map<Integer, double[]> direction = new HashMap<>();
    double want = 0;
    double scale = 0;
    for (int i : c.varying()) {
      double[] d = direction(c.operands().get(i).value().doubles(), i);
      double[] gradient = full.get("d" + i).doubles();
      for (int j = 0; j < d.length; j++) {
        want += gradient[j] * d[j];
        scale += Math.abs(gradient[j] * d[j]);
      }
      direction.put(i, d);
    }
    double h = 1e-3;
    try (Program program = engine().compile(c.forward())) {
      double[] f = new double[4];
      int[] steps = {-2, -1, 1, 2};
      double size = 0;
      for (int s = 0; s < 4; s++) {
        f[s] = functional(c, program, direction, steps[s] * h);
        size = Math.max(size, Math.abs(f[s]));
      }
      double slope = (8 * (f[2] - f[1]) - (f[3] - f[0])) / (12 * h);
      double tolerance = Tolerances.FINITE_DIFFERENCE * scale + size * 0x1.0p-48 / h;
      assertThat(Tolerances.close(want, slope, tolerance))
          .as("%s: Vjp says %s, the difference %s ± %.3g", c, want, slope, tolerance)
          .isTrue();
    }
  }

  /** Random, of the size of x, but so small that the function stays nearly a polynomial. */
  private static double[] direction(double[] x, int stream) {
    double rms = Math.sqrt(Arrays.stream(x).map(v -> v * v).average().orElseThrow());
    double[] d = new double[x.length];
    Arrays.setAll(d, i -> Math.min(rms, 1) * CounterRandom.gaussian(99, stream, i));
    return d;
  }

  private static double functional(
      Case c, Program program, Map<Integer, double[]> direction, double h) {
    for (int i = 0; i < c.operands().size(); i++) {
      Tensor x = c.operands().get(i).value();
      double[] d = direction.get(i);
      if (d != null) {
        double[] moved = x.doubles().clone();
        Arrays.setAll(moved, j -> moved[j] + h * d[j]);
        x = Tensor.of(x.shape(), moved);
      }
      program.write("in" + i, x);
    }
    program.run();
    double sum = 0;
    for (int j = 0; j < c.functionalOutputs(); j++) {
      Tensor y = program.read("y" + j);
      double[] weight = Case.weight(j, y.shape()).doubles();
      for (int i = 0; i < weight.length; i++) {
        sum += weight[i] * y.doubles()[i];
      }
    }
    return sum;
  }
}
