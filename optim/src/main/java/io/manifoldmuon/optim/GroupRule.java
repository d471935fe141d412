package io.manifoldmuon.optim;

import java.util.List;

/** How the parameters of a group are stepped: a kind of optimizer with its constants. */
@FunctionalInterface
public interface GroupRule {

  /**
   * Makes the optimizer of a group.
   *
   * @param name the group's
   * @param parameters at least one
   */
  Optimizer optimizer(
      String name, List<Parameter> parameters, LrSchedule schedule, LrScaling scaling);

  /** Matrices on the Stiefel manifold. */
  static GroupRule stiefel(StiefelSettings settings) {
    return (name, parameters, schedule, scaling) ->
        new StiefelMuon(name, parameters, settings, schedule, scaling);
  }

  /** Unit vectors. */
  static GroupRule hypersphere(HypersphereSettings settings) {
    return (name, parameters, schedule, scaling) ->
        new HypersphereMuon(name, parameters, settings, schedule, scaling);
  }

  /** Unconstrained matrices by orthogonal updates: Muon and its variants. */
  static GroupRule muon(MuonSettings settings) {
    return (name, parameters, schedule, scaling) ->
        new Muon(name, parameters, settings, schedule, scaling);
  }

  /** Anything, element by element. */
  static GroupRule adamW(AdamWSettings settings) {
    return (name, parameters, schedule, scaling) ->
        new AdamW(name, parameters, settings, schedule, scaling);
  }

  /** Parameters that stay as they are. */
  static GroupRule frozen() {
    return (name, parameters, _, _) -> new Frozen(name, parameters);
  }
}
