package io.manifoldmuon.model.inspect;

import io.manifoldmuon.model.nn.ModularTree;
import io.manifoldmuon.model.nn.ModularTree.Branches;
import io.manifoldmuon.optim.ModularNorm;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Weights together, where they are those of the mixture-of-experts model.
 *
 * @param branches 2L, the branches of the stream
 * @param norms the norm of every atom of the tree
 * @param scales the norm of an atom over the spectral norm, or the length of the longest row, of
 *     its weight
 * @param shared the modular norm with branches weighted 1/(2L)
 * @param added the same with branches added, as the model computes them
 */
public record ModelFacts(
    int branches,
    Map<String, Double> norms,
    Map<String, Double> scales,
    ModularNorm shared,
    ModularNorm added) {
  private static final String EMBEDDING = "embed.weight";
  private static final String EXPERTS = ".moe.up.weight";

  /** ‖w‖ with branches weighted 1/(2L). */
  public double modularNorm() {
    return shared.of(norms::get);
  }

  /** The Lipschitz bound with branches weighted 1/(2L). */
  public double lipschitzShared() {
    return shared.root().lipschitz(norms::get);
  }

  /** The Lipschitz bound with branches added, as the model computes them. */
  public double lipschitz() {
    return added.root().lipschitz(norms::get);
  }

  /**
   * What tensors are together.
   *
   * @param tensors what was measured of each tensor, by name
   * @return the facts, or why there are none
   */
  public static Result of(Map<String, TensorFacts> tensors) {
    int layers = 0;
    while (tensors.containsKey("layers." + layers + EXPERTS)) {
      layers++;
    }
    if (layers == 0 || !tensors.containsKey(EMBEDDING)) {
      return new Result.Unknown("the tensors are not those of a mixture-of-experts model here");
    }
    int experts = tensors.get("layers.0" + EXPERTS).matrices().size();
    boolean shared = tensors.containsKey("layers.0.moe.shared.up.weight");
    if (experts == 0) {
      return new Result.Unknown("'layers.0" + EXPERTS + "' is no stack of matrices");
    }
    var plan = new ModularTree.Plan(layers, experts, shared);
    var norms = new AtomNorms(tensors);
    ModularNorm branches = new ModularNorm(ModularTree.of(plan, Branches.SHARED));
    Map<String, Double> all = new LinkedHashMap<>();
    Map<String, Double> scales = new LinkedHashMap<>();
    for (String atom : ModularTree.atoms(branches.root())) {
      Optional<AtomNorms.Norm> norm = norms.of(atom);
      if (norm.isEmpty()) {
        return new Result.Unknown("there is no '" + atom + "' of the shape that the model has");
      }
      all.put(atom, norm.get().scale() * norm.get().weight());
      scales.put(atom, norm.get().scale());
    }
    ModularNorm added = new ModularNorm(ModularTree.of(plan, Branches.ADDED));
    return new Result.Known(new ModelFacts(2 * layers, all, scales, branches, added));
  }

  /** Facts, or the reason why there are none. */
  public sealed interface Result {
    /** The tensors are a model's. */
    record Known(ModelFacts facts) implements Result {}

    /** They are not, and why. */
    record Unknown(String reason) implements Result {}
  }

  /** The names of the atoms that take part in the norm, from the input to the output. */
  public List<String> atoms() {
    return shared.atoms().reversed();
  }

  /**
   * The spectral norm of an atom's part in an update of modular norm 1, of a row's length for
   * embedding and router: what the learning rate of Muon, StiefelMuon and HypersphereMuon says.
   */
  public double learningRate(String atom) {
    return shared.learningRate(atom) / scales.get(atom);
  }
}
