package io.manifoldmuon.model.nn;

import static io.manifoldmuon.optim.NormedModule.bond;
import static io.manifoldmuon.optim.NormedModule.compose;

import io.manifoldmuon.model.config.ModelConfig;
import io.manifoldmuon.optim.NormedModule;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The mixture-of-experts model as a tree of the modular norm. Its atoms have the names of
 * checkpoints, {@code layers.0.moe.up.weight[2]} is the third member of a stack, and each is
 * measured by the norm of what it does, with vectors measured by their root mean square:
 *
 * <pre>
 *   matrix W [m, n]       √(n/m)·‖W‖₂, times its gain       RMS to RMS
 *   embedding [V, D]      the largest ‖row‖₂                 token to RMS, with the factor √D
 *   router [E, D]         √D·the largest ‖row‖₂              RMS to the largest logit
 *   head, the embedding   √(D/V)·‖W‖₂                        RMS to RMS
 *   gain vector           the largest |g|; mass 0
 * </pre>
 *
 * <p>Matrices have mass 1; gains are trained apart and have none. Of the bonds only SiLU has
 * another sensitivity than 1. As in the source, normalisations and attention count as 1, which they
 * are for inputs of norm 1 and scores divided by the width of a head; this model divides by its
 * root. The choice of experts is not continuous: a mixture stands for inputs for which it is the
 * same.
 *
 * <p><b>Source</b> Large et al. 2024, arXiv 2405.14813; the mixture of experts is ours.
 */
public final class ModularTree {
  /** The output projection's name among the atoms; its weight is the embedding's. */
  public static final String HEAD = "head";

  /** sup |SiLU′|, at x ≈ 2.39936. */
  static final double SILU = 1.09983932013;

  /** How the 2L branches, L of attention and L of experts, join the stream. */
  public enum Branches {
    /** (1 − 1/2L)·x + (1/2L)·M(x), as the theory wants it. */
    SHARED,
    /** x + M(x), as the model computes it. */
    ADDED
  }

  /**
   * What the tree depends on.
   *
   * @param layers L
   * @param experts E
   * @param sharedExpert whether there is one more expert that every token uses
   */
  public record Plan(int layers, int experts, boolean sharedExpert) {}

  private final Plan c;
  private final Branches branches;

  private ModularTree(Plan plan, Branches branches) {
    this.c = plan;
    this.branches = branches;
  }

  /** The tree of a model. */
  public static NormedModule of(Plan plan, Branches branches) {
    return new ModularTree(plan, branches).model();
  }

  /** The tree of the model of a configuration. */
  public static NormedModule of(ModelConfig config, Branches branches) {
    return of(new Plan(config.nLayers(), config.nExperts(), config.sharedExpert()), branches);
  }

  /** The names of all atoms of a tree, those without mass too, from the input to the output. */
  public static Set<String> atoms(NormedModule module) {
    Set<String> names = new LinkedHashSet<>();
    collect(module, names);
    return names;
  }

  private static void collect(NormedModule module, Set<String> names) {
    switch (module) {
      case NormedModule.Atom a -> names.add(a.name());
      case NormedModule.Bond _ -> {} // has no weight
      case NormedModule.Composition m -> m.parts().forEach(p -> collect(p, names));
      case NormedModule.Concatenation m -> m.parts().forEach(p -> collect(p, names));
      case NormedModule.Mixture m -> m.parts().forEach(p -> collect(p, names));
    }
  }

  private NormedModule model() {
    List<NormedModule> stages = new ArrayList<>();
    stages.add(NormedModule.atom("embed.weight"));
    for (int i = 0; i < c.layers(); i++) {
      String layer = "layers." + i;
      stages.add(branch(layer + ".attn_norm.gain", attention(layer + ".attn")));
      stages.add(branch(layer + ".ffn_norm.gain", experts(layer + ".moe")));
    }
    stages.add(normalised("final_norm.gain"));
    stages.add(NormedModule.atom(HEAD));
    return new NormedModule.Composition(stages);
  }

  private NormedModule branch(String gain, NormedModule module) {
    NormedModule branch = compose(normalised(gain), module);
    return switch (branches) {
      case SHARED -> NormedModule.residual(1.0 / (2 * c.layers()), branch);
      case ADDED -> NormedModule.added(branch);
    };
  }

  private static NormedModule normalised(String gain) {
    return compose(bond("rms", 1), new NormedModule.Atom(gain, 0));
  }

  private static NormedModule attention(String name) {
    return compose(
        NormedModule.sum(matrix(name + ".q"), matrix(name + ".k"), matrix(name + ".v")),
        bond("attention", 1),
        matrix(name + ".o"));
  }

  private NormedModule experts(String name) {
    List<NormedModule> experts = new ArrayList<>();
    for (int e = 0; e < c.experts(); e++) {
      experts.add(expert(name, "[" + e + "]"));
    }
    NormedModule routed =
        NormedModule.sum(
            NormedModule.atom(name + ".router.weight"), new NormedModule.Mixture(experts));
    return c.sharedExpert() ? NormedModule.sum(routed, expert(name + ".shared", "")) : routed;
  }

  private static NormedModule expert(String name, String member) {
    return compose(
        NormedModule.atom(name + ".up.weight" + member),
        bond("silu", SILU),
        NormedModule.atom(name + ".down.weight" + member));
  }

  private static NormedModule matrix(String name) {
    return NormedModule.atom(name + ".weight");
  }
}
