package io.manifoldmuon.model.inspect;

import io.manifoldmuon.model.nn.ModularTree;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The norms of the atoms of a {@link ModularTree}, as it defines them, out of measured tensors.
 * Where a weight is not finite its norm is NaN; where a tensor is missing, or is of another form
 * than the model's, there is none.
 */
final class AtomNorms {
  private static final Pattern MEMBER = Pattern.compile("(.*)\\[(\\d+)]");
  private static final String WEIGHT = ".weight";
  private static final String EMBEDDING = "embed.weight";

  private final Map<String, TensorFacts> tensors;

  AtomNorms(Map<String, TensorFacts> tensors) {
    this.tensors = tensors;
  }

  /**
   * The norm of an atom, scale · weight.
   *
   * @param scale what comes from shape and gains
   * @param weight the spectral norm, the length of the longest row or the largest magnitude
   */
  record Norm(double scale, double weight) {}

  /** The norm of an atom. */
  Optional<Norm> of(String atom) {
    if (atom.equals(ModularTree.HEAD)) {
      return operatorNorm(EMBEDDING, 0, 1);
    }
    if (atom.endsWith(".gain")) {
      return Optional.ofNullable(tensors.get(atom)).map(gain -> new Norm(1, gain.maxAbs()));
    }
    if (atom.equals(EMBEDDING)) {
      return member(atom, 0).map(table -> new Norm(1, table.longestRow()));
    }
    if (atom.endsWith(".router.weight")) {
      return routerNorm(atom);
    }
    Matcher stacked = MEMBER.matcher(atom);
    String name = stacked.matches() ? stacked.group(1) : atom;
    int index = stacked.matches() ? Integer.parseInt(stacked.group(2)) : 0;
    OptionalDouble gain = factor(name.replace(WEIGHT, ".gain"), index);
    return gain.isEmpty() ? Optional.empty() : operatorNorm(name, index, gain.getAsDouble());
  }

  /** √D·max‖row‖, times the temperature. */
  private Optional<Norm> routerNorm(String name) {
    OptionalDouble temperature = factor(name.replace(WEIGHT, ".temperature"), 0);
    return temperature.isEmpty()
        ? Optional.empty()
        : member(name, 0)
            .map(
                rows ->
                    new Norm(
                        Math.sqrt(dim(name, 1)) * temperature.getAsDouble(), rows.longestRow()));
  }

  /** √(n/m)·σ₁, times the gain. */
  private Optional<Norm> operatorNorm(String name, int index, double gain) {
    return member(name, index)
        .map(w -> new Norm(Math.sqrt(dim(name, 1) / dim(name, 2)) * gain, w.sigmaMax()));
  }

  private Optional<MatrixFacts> member(String name, int index) {
    TensorFacts t = tensors.get(name);
    return t == null || index >= t.matrices().size()
        ? Optional.empty()
        : Optional.of(t.matrices().get(index));
  }

  /** A dimension, counted from the last, which is 1. */
  private double dim(String name, int fromLast) {
    long[] dims = tensors.get(name).shape();
    return dims[dims.length - fromLast];
  }

  /** |x| of an element of a vector beside a weight; 1 where there is no such tensor. */
  private OptionalDouble factor(String name, int index) {
    TensorFacts t = tensors.get(name);
    if (t == null) {
      return OptionalDouble.of(1);
    }
    return index < t.first().size()
        ? OptionalDouble.of(Math.abs(t.first().get(index)))
        : OptionalDouble.empty();
  }
}
