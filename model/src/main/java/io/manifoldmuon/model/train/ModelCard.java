package io.manifoldmuon.model.train;

import io.manifoldmuon.model.config.ModelConfig;
import io.manifoldmuon.model.config.ModelType;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.format.StoredType;
import io.manifoldmuon.model.inspect.MatrixFacts;
import io.manifoldmuon.model.inspect.TensorFacts;
import io.manifoldmuon.model.nn.LanguageModel;
import io.manifoldmuon.model.nn.ModelSize;
import io.manifoldmuon.model.report.RunData;
import io.manifoldmuon.model.report.RunFigures;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The text that goes with exported weights: what they are, and what was measured of them. */
final class ModelCard {
  private final String name;
  private final RunConfig config;
  private final StoredType dtype;
  private final Optional<RunData> run;
  private final Optional<TrainingState> state;
  private final StringBuilder text = new StringBuilder();

  ModelCard(
      Path target,
      RunConfig config,
      StoredType dtype,
      Optional<RunData> run,
      Optional<TrainingState> state) {
    this.name = String.valueOf(target.toAbsolutePath().normalize().getFileName());
    this.config = config;
    this.dtype = dtype;
    this.run = run;
    this.state = state;
  }

  /** The validation loss that the run logged at the checkpoint's step. */
  static Optional<Double> lossAt(RunData run, Optional<TrainingState> state) {
    return state.flatMap(s -> new RunFigures(run).validationLossAt(s.step()));
  }

  /** The card as Markdown. */
  String text(Path weights, Map<String, TensorFacts> facts) throws IOException {
    line("# " + plain(name));
    line("");
    line(
        "A "
            + switch (config.model().type()) {
              case MOE -> "mixture-of-experts";
              case NGPT -> "normalised-transformer (nGPT)";
              case GATED_NGPT -> "gated normalised-transformer (nGPT)";
            }
            + " language model, trained and exported by Manifold Muon for the JVM.");
    line("");
    model(facts);
    training();
    norms(facts);
    use(weights);
    return text.toString();
  }

  private void model(Map<String, TensorFacts> facts) {
    ModelConfig m = config.model();
    long vocabulary = facts.get("embed.weight").shape()[0];
    ModelSize size = LanguageModel.of(m, (int) vocabulary).size();
    line("| | |");
    line("|---|---|");
    row(
        "parameters",
        format("%,d, of which a token meets %,d", size.parameters(), size.activeParameters()));
    row("type", m.type() + ", preset " + m.preset());
    row("layers, width, heads", m.nLayers() + ", " + m.dModel() + ", " + m.nHeads());
    if (m.type() == ModelType.MOE) {
      row("experts", m.topK() + " of " + m.nExperts() + ", hidden width " + m.dFf());
    } else {
      row("hidden width", Integer.toString(m.dFf()));
    }
    row("context", m.context() + " tokens");
    row("tokenizer", config.data().tokenizer() + ", vocabulary " + vocabulary);
    row("stored as", dtype.name());
  }

  private void training() {
    line("");
    line("## Training");
    line("");
    line("| | |");
    line("|---|---|");
    row("optimizer", config.optimizer().type().toString());
    state.ifPresent(s -> row("steps", format("%,d", s.step())));
    state.ifPresent(s -> row("tokens seen", format("%,d", s.tokens())));
    row("seed", Long.toString(config.train().seed()));
    run.ifPresent(this::logged);
    if (run.isEmpty()) {
      line("");
      line("The checkpoint was not in a run's folder, so nothing is known of its losses.");
    }
  }

  private void logged(RunData r) {
    if (!r.sessions().isEmpty()) {
      row("data", plain(r.sessions().getLast().data()));
      r.sessions().getLast().environment().forEach((key, value) -> row(plain(key), plain(value)));
    }
    lossAt(r, state)
        .ifPresent(
            loss ->
                row(
                    "validation loss",
                    format("%.4f nats per token, perplexity %.3f", loss, Math.exp(loss))));
    r.floor().ifPresent(floor -> row("least possible loss", format("%.4f", floor)));
  }

  private void norms(Map<String, TensorFacts> facts) {
    line("");
    line("## Weights");
    line("");
    line(
        "Measured on the file: singular values (least and largest of all matrices of a name), and");
    line(
        "the distance from the Stiefel manifold, max\\|WᵀW/s² − I\\|, or of rows from the unit sphere.");
    line("");
    line("| tensors | matrices | σ min | σ max | Stiefel | rows |");
    line("|---|---|---|---|---|---|");
    Map<String, List<TensorFacts>> byName = new TreeMap<>();
    facts.values().stream()
        .filter(t -> !t.matrices().isEmpty())
        .forEach(
            t ->
                byName
                    .computeIfAbsent(
                        t.name().replaceAll("\\d+", "*"), _ -> new java.util.ArrayList<>())
                    .add(t));
    byName.forEach(this::norms);
    long bad = facts.values().stream().mapToLong(TensorFacts::notFinite).sum();
    line("");
    line(bad == 0 ? "Every value is finite." : bad + " values are not finite.");
  }

  private void norms(String key, List<TensorFacts> tensors) {
    line(
        format(
            "| `%s` | %d | %.4g | %.4g | %.1e | %.1e |",
            key,
            tensors.stream().mapToInt(t -> t.matrices().size()).sum(),
            tensors.stream()
                .mapToDouble(t -> t.smallest(MatrixFacts::sigmaMin))
                .reduce(Math::min)
                .orElse(Double.NaN),
            tensors.stream()
                .mapToDouble(t -> t.largest(MatrixFacts::sigmaMax))
                .reduce(Math::max)
                .orElse(Double.NaN),
            tensors.stream()
                .mapToDouble(t -> t.largest(MatrixFacts::stiefel))
                .reduce(Math::max)
                .orElse(Double.NaN),
            tensors.stream()
                .mapToDouble(t -> t.largest(MatrixFacts::sphere))
                .reduce(Math::max)
                .orElse(Double.NaN)));
  }

  private void use(Path weights) throws IOException {
    line("");
    line("## Use");
    line("");
    line("```sh");
    line("./muon sample --checkpoint " + folder() + " --prompt \"…\"");
    line("./muon eval --checkpoint " + folder() + " --data FILE");
    line("```");
    line("");
    line(
        "Tensors are `[fanOut, fanIn]`, in safetensors; a matrix with a `.gain` beside its `.weight` acts as");
    line("gain × weight. `config.yaml` has every setting.");
    line("");
    line(
        "`model.safetensors`: "
            + format("%,d bytes", Files.size(weights))
            + ", SHA-256 `"
            + sha256(weights)
            + "`.");
    line("");
    line(
        "It continues text like that which it was trained on; nothing was done to make it truthful or harmless.");
  }

  /** The folder's name where a shell would take it as it stands. */
  private String folder() {
    return name.matches("[\\w.-]+") ? name : "DIR";
  }

  private static String sha256(Path file) throws IOException {
    try (InputStream in =
        new DigestInputStream(Files.newInputStream(file), MessageDigest.getInstance("SHA-256"))) {
      in.transferTo(java.io.OutputStream.nullOutputStream());
      return HexFormat.of().formatHex(((DigestInputStream) in).getMessageDigest().digest());
    } catch (NoSuchAlgorithmException e) { // every JDK has it
      throw new IllegalStateException(e);
    }
  }

  private void row(String what, String value) {
    line("| " + what + " | " + value + " |");
  }

  private void line(String line) {
    text.append(line).append('\n');
  }

  /** Text of others on one line, without what Markdown or a table would take for a sign. */
  private static String plain(String text) {
    return text.replaceAll("\\p{Cntrl}", " ").replaceAll("([\\\\`*_{}\\[\\]<>|#])", "\\\\$1");
  }

  @SuppressWarnings("AnnotateFormatMethod") // the annotation would be a library of its own
  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
