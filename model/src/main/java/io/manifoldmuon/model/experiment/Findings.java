package io.manifoldmuon.model.experiment;

import io.manifoldmuon.model.experiment.Definition.Arm;
import io.manifoldmuon.model.experiment.Definition.Case;
import io.manifoldmuon.model.report.ExperimentPage.Table;
import java.util.ArrayList;
import java.util.List;

/** What is to be said of the results before any table. */
final class Findings {
  private static final int MOST_NAMED = 12;

  private final Results results;
  private final List<Comparison> comparisons;

  Findings(Results results, List<Comparison> comparisons) {
    this.results = results;
    this.comparisons = comparisons;
  }

  /** The sentences, warnings first. */
  List<String> sentences() {
    List<String> all = new ArrayList<>();
    partial(all);
    results.conflicts().forEach(c -> all.add("CONFLICT: " + c + "."));
    for (RunRecord run : results.mistuned()) {
      all.add(
          "CONFLICT: "
              + run.folder()
              + " has other settings than the tuning has chosen and is left out.");
    }
    for (String unequal : results.plan().unequalTuning()) {
      all.add("UNEQUAL TUNING: " + unequal + ".");
    }
    divergedInTuning(all);
    diverged(all);
    edges(all);
    limits(all);
    comparisons.forEach(c -> all.add(verdict(c)));
    return all;
  }

  private void partial(List<String> all) {
    List<Task> missing = results.missing();
    if (!missing.isEmpty()) {
      all.add(
          "PARTIAL: "
              + missing.size()
              + " of "
              + results.wanted()
              + " runs are missing: "
              + String.join(", ", missing.stream().limit(MOST_NAMED).map(Task::id).toList())
              + (missing.size() > MOST_NAMED ? ", …" : "")
              + ".");
    }
  }

  private void divergedInTuning(List<String> all) {
    for (Choice choice : results.choices()) {
      List<Choice.Tried> diverged = choice.tried().stream().filter(t -> t.diverged() > 0).toList();
      if (!diverged.isEmpty()) {
        all.add(
            "DIVERGED: "
                + choice.diverged()
                + " of "
                + choice.over()
                + " tuning runs of "
                + choice.arm().name()
                + where(choice.in())
                + ", with "
                + String.join(
                    ", or ", diverged.stream().map(t -> t.point().settings().words()).toList())
                + (choice.complete() && choice.best().isEmpty()
                    ? "; no setting is left for main runs."
                    : "; such a setting is not chosen."));
      }
    }
  }

  private void diverged(List<String> all) {
    for (Comparison c : comparisons) {
      for (Comparison.Row r : c.arms()) {
        if (r.diverged() > 0) {
          all.add(
              "DIVERGED: "
                  + r.diverged()
                  + " of "
                  + r.runs().size()
                  + " main runs of "
                  + r.arm().name()
                  + where(c.in())
                  + (r.loss().n() == 0
                      ? "; it has no mean."
                      : "; its mean is of the others only, which flatters it."));
        }
      }
    }
  }

  private void edges(List<String> all) {
    for (Choice choice : results.choices()) {
      for (String edge : choice.edges()) {
        all.add(
            "EDGE: the best setting of "
                + choice.arm().name()
                + where(choice.in())
                + ", "
                + edge
                + ", is at the edge of its grid; a better one may lie beyond.");
      }
    }
  }

  private void limits(List<String> all) {
    Table limits = new ResultTables(results, comparisons).limits();
    if (limits == null) {
      return;
    }
    List<String> broken = new ArrayList<>();
    int kept = 0;
    for (List<String> row : limits.rows()) {
      String says = row.get(ResultTables.KEPT);
      kept += says.equals("yes") ? 1 : 0;
      if (says.equals("NO")) {
        broken.add(
            row.get(0)
                + ", "
                + row.get(1)
                + " from "
                + row.get(4)
                + " to "
                + row.get(5)
                + ", wanted "
                + row.get(2));
      }
    }
    broken.forEach(b -> all.add("LIMIT BROKEN: " + b + "."));
    all.add(
        "Limits: "
            + kept
            + " kept, "
            + broken.size()
            + " broken, "
            + (limits.rows().size() - kept - broken.size())
            + " not measured.");
  }

  private String verdict(Comparison c) {
    List<String> parts = new ArrayList<>();
    for (Comparison.Row r : c.arms()) {
      Arm arm = r.arm();
      if (r.test() == null || r.loss().n() == 0) {
        continue;
      }
      Statistics.Sample d = r.test().difference();
      String difference =
          d.n() == 0
              ? ""
              : " ("
                  + Words.signed(d, 4)
                  + ", "
                  + Words.count(d.n(), "pair")
                  + ", Holm p "
                  + Words.probability(r.corrected()).replaceFirst("^(\\d)", "= $1")
                  + ")";
      parts.add(arm.name() + " against " + arm.against() + ": " + r.verdict() + difference);
    }
    return parts.isEmpty()
        ? "No comparison" + where(c.in()) + " yet."
        : "Validation loss" + where(c.in()) + ": " + String.join("; ", parts) + ".";
  }

  private static String where(Case in) {
    return in.name().isEmpty() ? "" : " in " + in.name();
  }
}
