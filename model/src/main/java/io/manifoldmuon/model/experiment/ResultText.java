package io.manifoldmuon.model.experiment;

import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.report.ExperimentPage.Table;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** {@code results.md}: what came out, short. */
final class ResultText {
  private ResultText() {}

  static String of(Results results, List<String> sentences, List<Table> tables) {
    Definition d = results.plan().definition();
    StringBuilder md = new StringBuilder("# ").append(plain(d.name())).append("\n\n");
    if (!d.question().isBlank()) {
      md.append(plain(d.question())).append("\n\n");
    }
    sentences.forEach(s -> md.append("- ").append(plain(s)).append('\n'));
    md.append('\n').append(plain(budget(results.plan()))).append('\n');
    tables.forEach(t -> table(md, t));
    return md.toString();
  }

  /** What was spent on what, and how it was judged. */
  static String budget(Plan plan) {
    Definition d = plan.definition();
    Task first = plan.main().getFirst();
    RunConfig c = plan.config(first);
    String tuning =
        plan.tuning().isEmpty()
            ? "Nothing is tuned."
            : "Tuning: "
                + Words.count(plan.tuning().size(), "run")
                + Optional.of(d.budget().tuningSteps())
                    .filter(s -> s > 0)
                    .map(s -> " of " + Words.count(s, "step") + ", shorter than main runs,")
                    .orElse(",")
                + " with the seeds "
                + d.budget().tuningSeeds()
                + ".";
    return "Main runs: seeds "
        + d.seeds()
        + "; "
        + (d.cases().size() > 1 ? "in the first case " : "")
        + Words.count(c.train().steps(), "step")
        + ", "
        + c.tokensPerStep() * c.train().steps()
        + " tokens; losses over the same "
        + c.train().evalWindows()
        + " windows of "
        + c.model().context()
        + " validation tokens, or as many as there are. "
        + tuning;
  }

  private static void table(StringBuilder md, Table t) {
    md.append("\n## ").append(plain(t.heading())).append("\n\n");
    line(md, t.heads());
    md.append('|');
    for (int i = 0; i < t.heads().size(); i++) {
      md.append(i < t.words() ? "---|" : "---:|");
    }
    md.append('\n');
    t.rows().forEach(r -> line(md, r));
    if (!t.note().isEmpty()) {
      md.append('\n').append(plain(t.note())).append('\n');
    }
  }

  private static void line(StringBuilder md, List<String> cells) {
    md.append(
            cells.stream()
                .map(c -> plain(c).replace("|", "\\|"))
                .collect(Collectors.joining(" | ", "| ", " |")))
        .append('\n');
  }

  /** Text on one line that Markdown does not take for HTML. */
  private static String plain(String text) {
    return text.strip()
        .replaceAll("\\s+", " ")
        .replaceAll("<(?=[A-Za-z/!?])", "&lt;")
        .replace("`", "\\`");
  }
}
