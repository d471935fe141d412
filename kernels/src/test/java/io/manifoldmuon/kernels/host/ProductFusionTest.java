package io.manifoldmuon.kernels.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.manifoldmuon.linalg.graph.Graph;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.linalg.graph.Value;
import io.manifoldmuon.linalg.polar.Msign;
import io.manifoldmuon.linalg.polar.PolarIteration;
import org.junit.jupiter.api.Test;

/** Which weighted sums are made by the launches of products. */
class ProductFusionTest {

  private static int fused(GraphBuilder g) {
    Graph graph = g.build();
    return new ProductFusion(graph, new ProgramMemory(TensorCores.none(graph), 0)::buffer).count();
  }

  @Test
  void everyStepOfNewtonSchulzHasItsPolynomialFused() {
    GraphBuilder other = new GraphBuilder();
    Value x = other.input("x", Type.real(2, 9, 5));
    other.output("y", Msign.record(other, x, PolarIteration.muonQuintic(4)));
    assertThat(fused(other)).isEqualTo(4);
  }

  @Test
  void theRetractionHasItsSumsFused() {
    GraphBuilder g = new GraphBuilder();
    g.output("y", Msign.retraction(g, g.input("x", Type.real(2, 9, 5)), 3));
    // F twice, E twice, the last D, and X + XF
    assertThat(fused(g)).isEqualTo(6);
  }

  @Test
  void aProductThatIsReadElsewhereStays() {
    GraphBuilder g = new GraphBuilder();
    Value r = g.gram(g.input("x", Type.real(9, 5)), false);
    g.output("y", g.weightedSum(0.5, r, 0, r, 1));
    g.output("r", r);
    assertThat(fused(g)).isZero();
  }

  @Test
  void aSumWithWhatComesLaterStays() {
    GraphBuilder g = new GraphBuilder();
    Value a = g.input("a", Type.real(5, 5));
    Value product = g.matMul(a, a);
    Value later = g.matMul(a, g.addTransposed(1, 1, a));
    g.output("y", g.weightedSum(0.5, g.addTransposed(1, 0, later), 2, product, 0));
    assertThat(fused(g)).isZero();
  }
}
