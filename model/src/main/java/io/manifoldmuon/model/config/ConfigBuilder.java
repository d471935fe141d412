package io.manifoldmuon.model.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes a {@link RunConfig} from the built-in defaults, files and settings, later ones winning:
 *
 * <pre>{@code
 * RunConfig config =
 *     new ConfigBuilder()
 *         .file(Path.of("run.yaml"))               // --config run.yaml
 *         .set(List.of("train.steps=200"))         // --set train.steps=200
 *         .option("--data", "data.path", "a.txt")  // --data a.txt
 *         .build();
 * }</pre>
 *
 * <p>A preset sets the dimensions of the model; a dimension given in the same file, or in the same
 * run of settings, overrides it, and so does a later one; an earlier one does not. In the same way
 * {@code optimizer.type} sets {@code optimizer.groups}, and {@code optimizer.stiefel_muon.preset}
 * sets {@code base_lr}, {@code dual_steps} and {@code dual_lr} of its section, and {@code solver}
 * there sets {@code dual_steps} where no preset does.
 */
public final class ConfigBuilder {
  private final Schema.Section schema = Schema.of(RunConfig.defaults());
  private final List<Layer> layers = new ArrayList<>();
  private Layer settings = new Layer();

  /** Puts a YAML file over what was given so far. */
  public ConfigBuilder file(Path file) {
    return yaml(YamlText.readFile(file), file.toString());
  }

  /** Puts a YAML text over what was given so far; {@code origin} names it in messages. */
  public ConfigBuilder yaml(String text, String origin) {
    Layer layer = new Layer();
    new LayerReader(schema, origin, layer).document(YamlText.parse(text, origin));
    layer();
    layers.add(layer);
    return this;
  }

  /** Puts {@code key=value} settings over what was given so far, as {@code --set} has them. */
  public ConfigBuilder set(List<String> assignments) {
    for (String assignment : assignments) {
      int equals = assignment.indexOf('=');
      if (equals < 1) {
        throw new ConfigException(
            "--set has "
                + Excerpt.of(assignment)
                + ", but it must be key=value, such as train.steps=200");
      }
      String key = assignment.substring(0, equals).strip();
      String value = assignment.substring(equals + 1).strip();
      if (value.isEmpty()) {
        throw new ConfigException(
            "--set has "
                + Excerpt.of(assignment)
                + " without a value, but it must be key=value; write null for none");
      }
      set("--set " + assignment, key, value, false);
    }
    return this;
  }

  /**
   * Puts one value over what was given so far; a text is taken exactly as it is.
   *
   * @param option the command-line option that gave it, for messages: {@code --data}
   * @param key dotted, {@code data.path}
   */
  public ConfigBuilder option(String option, String key, String value) {
    set(option + " " + value, key, value, true);
    return this;
  }

  /**
   * Puts one value over what was given so far, read as {@code --set} reads it.
   *
   * @param origin the place that gave it, for messages: {@code sweep.yaml line 7}
   */
  public ConfigBuilder setting(String origin, String key, String value) {
    set(origin, key, value, false);
    return this;
  }

  /**
   * Begins a layer: a preset or type given from here on takes the place of what was given before of
   * the keys that follow it.
   */
  public ConfigBuilder layer() {
    layers.add(settings);
    settings = new Layer();
    return this;
  }

  private void set(String origin, String key, String value, boolean literal) {
    String shown = origin.length() > 100 ? origin.substring(0, 100) + "…" : origin;
    new LayerReader(schema, shown, settings).assignment(key, value, literal);
  }

  /** The checked configuration. */
  public RunConfig build() {
    Layer all = new Layer();
    layers.forEach(all::overrideWith);
    all.overrideWith(settings);
    Map<String, Object> values = new LinkedHashMap<>();
    all.settings().forEach((key, setting) -> values.put(key, setting.value()));
    try {
      return (RunConfig) Records.with(schema, Defaults.of(values), values);
    } catch (ConfigException e) {
      Layer.Setting culprit = e.key().map(all.settings()::get).orElse(null);
      throw culprit == null ? e : e.from(culprit.origin());
    }
  }
}
