package io.manifoldmuon.model.cli;

import io.manifoldmuon.model.format.SafetensorsFile;
import io.manifoldmuon.model.inspect.MatrixFacts;
import io.manifoldmuon.model.inspect.ModelFacts;
import io.manifoldmuon.model.inspect.TensorFacts;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What {@code inspect} prints for people. */
final class InspectTable {
  private final Terminal terminal;
  private final SafetensorsFile file;
  private final boolean all;

  InspectTable(Terminal terminal, SafetensorsFile file, boolean all) {
    this.terminal = terminal;
    this.file = file;
    this.all = all;
  }

  /** Prints everything. */
  void print(Map<String, TensorFacts> tensors, ModelFacts.Result model) {
    long elements = tensors.values().stream().mapToLong(t -> t.elements()).sum();
    terminal.line(
        Texts.format("%s: %,d tensors, %,d elements", file.path(), tensors.size(), elements));
    matrices(tensors.values().stream().filter(t -> !t.matrices().isEmpty()).toList());
    others(tensors.values().stream().filter(t -> t.matrices().isEmpty()).toList());
    notFinite(tensors.values().stream().filter(t -> t.notFinite() > 0).toList());
    terminal.line("");
    switch (model) {
      case ModelFacts.Result.Known known -> model(known.facts());
      case ModelFacts.Result.Unknown unknown ->
          terminal.line("no modular norm: " + unknown.reason());
    }
  }

  private void matrices(List<TensorFacts> tensors) {
    if (tensors.isEmpty()) {
      return;
    }
    Columns table =
        new Columns("matrix", "type", "shape")
            .numbers("σ min", "σ max", "condition", "s", "|WᵀW/s²−I|", "|‖row‖−1|");
    for (TensorFacts t : tensors) {
      String shape = Arrays.toString(t.shape());
      table.row(
          Stream.concat(Stream.of(Texts.shown(t.name()), type(t), shape), worst(t).stream())
              .toList());
      if (all && t.matrices().size() > 1) {
        for (int i = 0; i < t.matrices().size(); i++) {
          List<String> row = new ArrayList<>(List.of("  [" + i + "]", "", ""));
          row.addAll(numbers(t.matrices().get(i)));
          table.row(row);
        }
      }
    }
    terminal.line("");
    table.lines().forEach(terminal::line);
  }

  private String type(TensorFacts t) {
    return file.info(t.name()).dtype().name();
  }

  /** The worst of a stack. */
  private static List<String> worst(TensorFacts t) {
    return texts(
        t.smallest(MatrixFacts::sigmaMin),
        t.largest(MatrixFacts::sigmaMax),
        t.largest(MatrixFacts::condition),
        t.largest(MatrixFacts::radius),
        t.largest(MatrixFacts::stiefel),
        t.largest(MatrixFacts::sphere));
  }

  private static List<String> numbers(MatrixFacts m) {
    return texts(m.sigmaMin(), m.sigmaMax(), m.condition(), m.radius(), m.stiefel(), m.sphere());
  }

  private static List<String> texts(
      double least, double largest, double condition, double s, double stiefel, double sphere) {
    return List.of(
        Texts.number(least),
        Texts.number(largest),
        Texts.number(condition),
        Texts.number(s),
        Texts.format("%.1e", stiefel),
        Texts.format("%.1e", sphere));
  }

  private void others(List<TensorFacts> tensors) {
    if (tensors.isEmpty()) {
      return;
    }
    Columns table = new Columns("other tensor", "type", "shape").numbers("‖x‖", "max |x|");
    for (TensorFacts t : tensors) {
      boolean measured = t.kind() != TensorFacts.Kind.OTHER_TYPE;
      table.row(
          List.of(
              Texts.shown(t.name()),
              type(t),
              Arrays.toString(t.shape()),
              measured ? Texts.number(t.norm()) : "–",
              measured ? Texts.number(t.maxAbs()) : "–",
              t.kind().text()));
    }
    terminal.line("");
    table.lines().forEach(terminal::line);
  }

  private void notFinite(List<TensorFacts> tensors) {
    for (TensorFacts t : tensors) {
      long members = t.matrices().stream().filter(m -> m.notFinite() > 0).count();
      String where =
          t.matrices().size() > 1
              ? Texts.format(", in %,d of %,d matrices", members, t.matrices().size())
              : "";
      terminal.line(
          Texts.format(
              "NOT FINITE: %s has %,d values that are NaN or infinite%s",
              Texts.shown(t.name()), t.notFinite(), where));
    }
  }

  private void model(ModelFacts m) {
    int branches = m.branches();
    terminal.line(
        Texts.format("modular norm      %s", Texts.number(m.modularNorm()))
            + Texts.format("   %d branches, each weighted 1/%d", branches, branches));
    terminal.line(
        Texts.format(
            "Lipschitz bound   %s   the same; unit weights would have %s",
            Texts.number(m.lipschitzShared()), Texts.number(m.shared().root().sensitivity())));
    terminal.line(
        Texts.format(
            "Lipschitz bound   %s   branches added, as the model computes; unit weights %s",
            Texts.number(m.lipschitz()), Texts.number(m.added().root().sensitivity())));
    terminal.line(
        "The bounds hold up to the bonds: normalisation and attention count as 1, and inputs are");
    terminal.line("compared that are sent to the same experts.");
  }
}
