package io.manifoldmuon.optim;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * The norm of all weights of a network together,
 *
 * <pre>
 *   ‖w‖ = maxᵢ cᵢ·‖wᵢ‖      cᵢ = (m/mᵢ)·(the sensitivities after atom i)
 * </pre>
 *
 * built along the tree: M₁ then M₂ has max( s₂·(m/m₁)·‖w₁‖, (m/m₂)·‖w₂‖ ), and M₁ beside M₂ the
 * same without s₂. A change of the weights of norm η changes the output by at most η, to first
 * order, as long as weights and inputs have norms of at most 1, and each atom takes its share mᵢ/m
 * of it. So one learning rate serves networks of any depth and width when the update of atom i has
 * the norm {@link #learningRate} η/cᵢ.
 *
 * <p>Atoms of mass 0 do not take part. An atom that stands at several places counts by the largest
 * of its factors.
 *
 * <p><b>Source</b> Large et al. 2024, arXiv 2405.14813.
 */
public final class ModularNorm {
  private final NormedModule root;
  private final Map<String, Double> factors = new LinkedHashMap<>();

  /** The norm that a tree defines. */
  public ModularNorm(NormedModule root) {
    this.root = root;
    if (root.mass() > 0) {
      visit(root, 1);
    }
  }

  private void visit(NormedModule module, double factor) {
    if (module.mass() == 0) {
      return;
    }
    switch (module) {
      case NormedModule.Atom atom -> factors.merge(atom.name(), factor, Math::max);
      case NormedModule.Bond _ -> {} // has no mass
      case NormedModule.Composition c -> {
        double after = factor;
        for (NormedModule part : c.parts().reversed()) {
          visit(part, after * share(c, part));
          after *= part.sensitivity();
        }
      }
      case NormedModule.Concatenation c -> c.parts().forEach(p -> visit(p, factor * share(c, p)));
      case NormedModule.Mixture c -> c.parts().forEach(p -> visit(p, factor * share(c, p)));
    }
  }

  /** m/mᵢ; infinite for a part without mass, which is not visited. */
  private static double share(NormedModule whole, NormedModule part) {
    return whole.mass() / part.mass();
  }

  /** The tree. */
  public NormedModule root() {
    return root;
  }

  /** The names of the atoms that take part, in the order of the tree from its output. */
  public List<String> atoms() {
    return List.copyOf(factors.keySet());
  }

  /** cᵢ of an atom. */
  public double factor(String atom) {
    Double factor = factors.get(atom);
    if (factor == null) {
      throw new IllegalArgumentException(
          "ModularNorm: no atom '" + atom + "' of mass above 0, there are " + atoms());
    }
    return factor;
  }

  /** 1/cᵢ: the norm of an atom's part in an update of modular norm 1. */
  public double learningRate(String atom) {
    return 1 / factor(atom);
  }

  /**
   * ‖w‖; NaN if a norm is.
   *
   * @param norms the norm of each atom's weight by its name
   */
  public double of(ToDoubleFunction<String> norms) {
    double largest = 0;
    for (Map.Entry<String, Double> e : factors.entrySet()) {
      largest = Math.max(largest, e.getValue() * norms.applyAsDouble(e.getKey())); // NaN wins
    }
    return largest;
  }
}
