package io.manifoldmuon.optim;

import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * A network as the theory of the modular norm sees it: a tree of weights and of functions without
 * weights. Each module has a mass m, its share in what the network learns, and a sensitivity s, how
 * much it stretches a change of its input while its weights have norm 1.
 *
 * <pre>
 *                         mass             sensitivity      Lipschitz constant, from the norms
 *   atom w                m, 1 as a rule   1                ‖w‖
 *   bond                  0                s                s
 *   M₁ then M₂ then …     Σ mᵢ             Π sᵢ             Π ℓᵢ
 *   M₁ beside M₂ …        Σ mᵢ             Σ sᵢ             Σ ℓᵢ
 *   mixture of M₁, M₂ …   max mᵢ           max sᵢ           max ℓᵢ
 * </pre>
 *
 * <p>The last is ours: a convex combination Σ pᵢMᵢ(x), Σ pᵢ = 1, moves no further than the member
 * that moves furthest. A module that is used at many positions counts once.
 *
 * <p><b>Source</b> Large et al. 2024, arXiv 2405.14813, "Scalable Optimization in the Modular
 * Norm", module composition and module concatenation.
 */
public sealed interface NormedModule {

  /** m, at least 0. */
  double mass();

  /** s, at least 0. */
  double sensitivity();

  /**
   * A bound of the Lipschitz constant in the input, for weights of any norm; the {@link
   * #sensitivity} where every norm is 1. It holds as far as the sensitivities of the bonds do.
   *
   * @param norms the norm of each atom's weight by its name
   */
  double lipschitz(ToDoubleFunction<String> norms);

  /**
   * A weight, measured by the operator norm of what it does.
   *
   * @param name of the weight
   * @param mass its share in what the network learns; 0 leaves it out of the {@link ModularNorm}
   */
  record Atom(String name, double mass) implements NormedModule {
    public Atom {
      requireNotNegative("mass", mass);
    }

    @Override
    public double sensitivity() {
      return 1;
    }

    @Override
    public double lipschitz(ToDoubleFunction<String> norms) {
      return norms.applyAsDouble(name);
    }
  }

  /** A function without weights. */
  record Bond(String name, double sensitivity) implements NormedModule {
    public Bond {
      requireNotNegative("sensitivity", sensitivity);
    }

    @Override
    public double mass() {
      return 0;
    }

    @Override
    public double lipschitz(ToDoubleFunction<String> norms) {
      return sensitivity;
    }
  }

  /** One after the other, the first first. */
  record Composition(List<NormedModule> parts) implements NormedModule {
    public Composition {
      parts = requireSome(parts);
    }

    @Override
    public double mass() {
      return parts.stream().mapToDouble(NormedModule::mass).sum();
    }

    @Override
    public double sensitivity() {
      return parts.stream().mapToDouble(NormedModule::sensitivity).reduce(1, (a, b) -> a * b);
    }

    @Override
    public double lipschitz(ToDoubleFunction<String> norms) {
      return parts.stream().mapToDouble(p -> p.lipschitz(norms)).reduce(1, (a, b) -> a * b);
    }
  }

  /** Side by side on the same input; the outputs are a tuple, or its sum. */
  record Concatenation(List<NormedModule> parts) implements NormedModule {
    public Concatenation {
      parts = requireSome(parts);
    }

    @Override
    public double mass() {
      return parts.stream().mapToDouble(NormedModule::mass).sum();
    }

    @Override
    public double sensitivity() {
      return parts.stream().mapToDouble(NormedModule::sensitivity).sum();
    }

    @Override
    public double lipschitz(ToDoubleFunction<String> norms) {
      return parts.stream().mapToDouble(p -> p.lipschitz(norms)).sum();
    }
  }

  /** A combination of the outputs whose weights are not negative and sum to 1. */
  record Mixture(List<NormedModule> parts) implements NormedModule {
    public Mixture {
      parts = requireSome(parts);
    }

    @Override
    public double mass() {
      return largest(NormedModule::mass);
    }

    @Override
    public double sensitivity() {
      return largest(NormedModule::sensitivity);
    }

    @Override
    public double lipschitz(ToDoubleFunction<String> norms) {
      return largest(p -> p.lipschitz(norms));
    }

    private double largest(ToDoubleFunction<NormedModule> of) {
      return parts.stream().mapToDouble(of).reduce(0, Math::max); // NaN wins
    }
  }

  // ---- building -----------------------------------------------------------------------------

  /** A weight of mass 1. */
  static NormedModule atom(String name) {
    return new Atom(name, 1);
  }

  /** A function without weights. */
  static NormedModule bond(String name, double sensitivity) {
    return new Bond(name, sensitivity);
  }

  /** One after the other, the first first. */
  static NormedModule compose(NormedModule... inOrder) {
    return new Composition(List.of(inOrder));
  }

  /** The sum of the outputs. */
  static NormedModule sum(NormedModule... parts) {
    return new Concatenation(List.of(parts));
  }

  /** c times the output. */
  static NormedModule scaled(double c, NormedModule module) {
    return compose(module, bond("times " + c, Math.abs(c)));
  }

  /**
   * (1 − share)·x + share·M(x): with share 1/L for each of L branches, no number of them makes the
   * network more sensitive than e^(s−1), which is 1 for branches of sensitivity 1.
   *
   * <p><b>Source</b> Large et al. 2024, arXiv 2405.14813, residual networks.
   */
  static NormedModule residual(double share, NormedModule branch) {
    return sum(bond("skip", 1 - share), scaled(share, branch));
  }

  /** x + M(x), whose sensitivities multiply to 2^L over L branches of sensitivity 1. */
  static NormedModule added(NormedModule branch) {
    return sum(bond("skip", 1), branch);
  }

  private static void requireNotNegative(String what, double value) {
    if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "NormedModule: " + what + " " + value + " given, wanted a finite number of at least 0");
    }
  }

  private static List<NormedModule> requireSome(List<NormedModule> parts) {
    if (parts.isEmpty()) {
      throw new IllegalArgumentException("NormedModule: no parts given, wanted at least one");
    }
    return List.copyOf(parts);
  }
}
