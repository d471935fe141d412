package io.manifoldmuon.optim;

import static io.manifoldmuon.optim.NormedModule.added;
import static io.manifoldmuon.optim.NormedModule.atom;
import static io.manifoldmuon.optim.NormedModule.bond;
import static io.manifoldmuon.optim.NormedModule.compose;
import static io.manifoldmuon.optim.NormedModule.residual;
import static io.manifoldmuon.optim.NormedModule.scaled;
import static io.manifoldmuon.optim.NormedModule.sum;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.manifoldmuon.linalg.CounterRandom;
import io.manifoldmuon.optim.NormedModule.Atom;
import io.manifoldmuon.optim.NormedModule.Mixture;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModularNormTest {
  private static final Map<String, Double> NORMS = Map.of("a", 2.0, "b", 3.0, "c", 5.0);

  private static double unit(String name) {
    assertThat(name).isNotEmpty();
    return 1;
  }

  private static double norm(NormedModule module) {
    return new ModularNorm(module).of(NORMS::get);
  }

  @Test
  void anAtomIsMeasuredByItsOwnNorm() {
    NormedModule a = atom("a");
    assertThat(a.mass()).isEqualTo(1);
    assertThat(a.sensitivity()).isEqualTo(1);
    assertThat(norm(a)).isEqualTo(2);
    assertThat(a.lipschitz(NORMS::get)).isEqualTo(2);
  }

  /** max( s₂·(2/1)·‖a‖, (2/1)·‖b‖ ) with s₂ = 1, and with a bond of 4 behind a. */
  @Test
  void compositionsByHand() {
    NormedModule plain = compose(atom("a"), atom("b"));
    assertThat(plain.mass()).isEqualTo(2);
    assertThat(plain.sensitivity()).isEqualTo(1);
    assertThat(norm(plain)).isEqualTo(6);
    assertThat(plain.lipschitz(NORMS::get)).isEqualTo(6);

    NormedModule steep = compose(atom("a"), bond("steep", 4), atom("b"));
    assertThat(steep.mass()).isEqualTo(2);
    assertThat(steep.sensitivity()).isEqualTo(4);
    assertThat(norm(steep)).isEqualTo(16);
    assertThat(steep.lipschitz(NORMS::get)).isEqualTo(24);
    ModularNorm m = new ModularNorm(steep);
    assertThat(m.learningRate("a")).isEqualTo(1.0 / 8);
    assertThat(m.learningRate("b")).isEqualTo(1.0 / 2);
  }

  /** Masses 1 and 3: the heavier atom gets three quarters of the learning. */
  @Test
  void massesShareTheLearning() {
    ModularNorm m = new ModularNorm(compose(atom("a"), new Atom("b", 3)));
    assertThat(m.learningRate("a")).isEqualTo(0.25);
    assertThat(m.learningRate("b")).isEqualTo(0.75);
    assertThat(m.of(NORMS::get)).isEqualTo(8); // max(4·2, 4/3·3)
  }

  @Test
  void sumsAndMixturesByHand() {
    NormedModule sum = sum(atom("a"), atom("b"));
    assertThat(sum.mass()).isEqualTo(2);
    assertThat(sum.sensitivity()).isEqualTo(2);
    assertThat(norm(sum)).isEqualTo(6);
    assertThat(sum.lipschitz(NORMS::get)).isEqualTo(5);

    NormedModule mixture = new Mixture(List.of(atom("a"), atom("b")));
    assertThat(mixture.mass()).isEqualTo(1);
    assertThat(mixture.sensitivity()).isEqualTo(1);
    assertThat(norm(mixture)).isEqualTo(3);
    assertThat(mixture.lipschitz(NORMS::get)).isEqualTo(3);

    NormedModule scaled = scaled(-0.5, atom("c"));
    assertThat(scaled.mass()).isEqualTo(1);
    assertThat(scaled.sensitivity()).isEqualTo(0.5);
    assertThat(norm(scaled)).isEqualTo(2.5);
    assertThat(scaled.lipschitz(NORMS::get)).isEqualTo(2.5);
  }

  /** Shares of 1/L keep a network of L unit branches at sensitivity 1; plain sums reach 2^L. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 64})
  void depthDoesNotMatterToResidualBranchesOfShareOneOverDepth(int depth) {
    NormedModule[] shared = new NormedModule[depth];
    NormedModule[] plain = new NormedModule[depth];
    for (int i = 0; i < depth; i++) {
      shared[i] = residual(1.0 / depth, atom("w" + i));
      plain[i] = added(atom("w" + i));
    }
    NormedModule network = compose(shared);
    assertThat(network.mass()).isEqualTo(depth);
    assertThat(network.sensitivity()).isCloseTo(1, within(1e-12));
    assertThat(compose(plain).sensitivity()).isEqualTo(Math.pow(2, depth));
    // m/mᵢ = L and a branch weight of 1/L: every atom may move by 1
    ModularNorm m = new ModularNorm(network);
    for (int i = 0; i < depth; i++) {
      assertThat(m.learningRate("w" + i)).isCloseTo(1, within(1e-12));
    }
  }

  @Test
  void bracketsDoNotMatter() {
    NormedModule a = scaled(2, atom("a"));
    NormedModule b = compose(atom("b"), bond("x", 3));
    NormedModule c = new Atom("c", 2);
    List<NormedModule> forms =
        List.of(compose(a, b, c), compose(compose(a, b), c), compose(a, compose(b, c)));
    for (NormedModule form : forms) {
      assertThat(form.mass()).isEqualTo(4);
      assertThat(form.sensitivity()).isEqualTo(6);
      assertThat(norm(form)).isCloseTo(norm(forms.getFirst()), within(1e-12));
      assertThat(form.lipschitz(NORMS::get)).isEqualTo(2 * 2 * 3 * 3 * 5);
    }
    // a: (4/1)·(2·3·1)·2, b: (4/1)·(3·1)·3, c: (4/2)·5
    assertThat(norm(forms.getFirst())).isCloseTo(48, within(1e-12));
  }

  /** Where every norm is 1 the Lipschitz bound is the sensitivity. */
  @Test
  void sensitivityIsTheLipschitzBoundOfUnitWeights() {
    NormedModule m =
        compose(
            atom("e"),
            residual(0.25, compose(sum(atom("q"), atom("k")), bond("x", 1.1), atom("o"))),
            added(new Mixture(List.of(atom("u"), compose(atom("v"), bond("y", 0.5))))));
    assertThat(m.lipschitz(ModularNormTest::unit)).isCloseTo(m.sensitivity(), within(1e-14));
  }

  @Test
  void theNormIsANorm() {
    NormedModule m =
        compose(atom("a"), added(scaled(0.3, atom("b"))), sum(atom("c"), bond("x", 2)));
    ModularNorm norm = new ModularNorm(m);
    assertThat(norm.of(_ -> 0)).isZero();
    assertThat(norm.of(n -> 2 * NORMS.get(n))).isEqualTo(2 * norm.of(NORMS::get));
    double both = norm.of(n -> NORMS.get(n) + 1);
    assertThat(both)
        .isLessThanOrEqualTo(norm.of(NORMS::get) + norm.of(ModularNormTest::unit) + 1e-12);
    assertThat(norm.of(n -> n.equals("b") ? Double.NaN : 1)).isNaN();
  }

  /**
   * What it is made for, on scalars c·(x + h·b·a·x) at x = 1: a change of modular norm η moves the
   * output by at most η, to first order, for weights of norm at most 1.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void aStepOfNormEtaMovesTheOutputByAtMostEta(long seed) {
    double h = 0.5;
    NormedModule tree =
        compose(sum(bond("skip", 1), scaled(h, compose(atom("a"), atom("b")))), atom("c"));
    ModularNorm norm = new ModularNorm(tree);
    double[] w = new double[3];
    double[] d = new double[3];
    Arrays.setAll(w, i -> 2 * CounterRandom.uniform(seed, 0, i) - 1);
    Arrays.setAll(d, i -> 2 * CounterRandom.uniform(seed, 1, i) - 1);
    double eta = norm.of(n -> Math.abs(d["abc".indexOf(n)]));
    double t = 1e-7 / eta;
    double[] moved = {w[0] + t * d[0], w[1] + t * d[1], w[2] + t * d[2]};
    double change = Math.abs(network(moved, h) - network(w, h)) / t;
    assertThat(change).as("seed " + seed).isLessThanOrEqualTo(eta * (1 + 1e-5));
  }

  private static double network(double[] w, double h) {
    return w[2] * (1 + h * w[1] * w[0]);
  }

  @Test
  void atomsOfNoMassStretchButDoNotLearn() {
    NormedModule m = compose(new Atom("a", 0), atom("b"));
    ModularNorm norm = new ModularNorm(m);
    assertThat(norm.atoms()).containsExactly("b");
    assertThat(norm.of(NORMS::get)).isEqualTo(3);
    assertThat(m.lipschitz(NORMS::get)).isEqualTo(6);
    assertThatThrownBy(() -> norm.factor("a"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'a'")
        .hasMessageContaining("[b]");
    assertThat(new ModularNorm(bond("x", 2)).of(NORMS::get)).isZero();
  }

  @Test
  void aTiedWeightCountsByItsLargestFactor() {
    ModularNorm norm = new ModularNorm(compose(atom("a"), bond("x", 4), atom("a")));
    assertThat(norm.factor("a")).isEqualTo(8);
  }

  @Test
  void nonsenseIsRefused() {
    for (double bad : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> bond("x", bad)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> new Atom("x", bad)).isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> compose()).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> residual(1.5, atom("a"))).isInstanceOf(IllegalArgumentException.class);
  }
}
