package io.manifoldmuon.optim;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The check that no variable of an engine stands for two things of an optimizer. */
final class VariableNames {
  private VariableNames() {}

  /**
   * Throws if a parameter is listed twice, a state variable has the name of another, or a parameter
   * that of a state variable.
   */
  static void requireDistinct(
      String optimizer, List<Parameter> parameters, List<StateVariable> state) {
    Map<String, String> seen = new HashMap<>();
    parameters.forEach(p -> require(optimizer, seen, p.variable(), "parameter"));
    state.forEach(s -> require(optimizer, seen, s.name(), "state variable"));
  }

  private static void require(
      String optimizer, Map<String, String> seen, String name, String what) {
    String other = seen.putIfAbsent(name, what);
    if (other != null) {
      throw new IllegalArgumentException(
          optimizer
              + ": '"
              + name
              + "' given as the name of a "
              + other
              + " and again of a "
              + what
              + ", wanted it once; list each parameter in one group, once, and give groups and"
              + " parameters other names");
    }
  }
}
