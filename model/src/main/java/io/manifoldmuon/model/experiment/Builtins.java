package io.manifoldmuon.model.experiment;

import io.manifoldmuon.model.config.ConfigException;
import io.manifoldmuon.model.config.NearestName;
import io.manifoldmuon.model.config.YamlSection;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The experiments that come with the program, as YAML that can be copied and changed. */
public final class Builtins {
  /** Their names. */
  public static final List<String> NAMES =
      List.of(
          "shakespeare",
          "sources",
          "ablation",
          "constraint",
          "lr-sweep",
          "scales",
          "transfer",
          "solver",
          "cautious-normuon",
          "polar",
          "ngpt",
          "gated-ngpt",
          "geodesic",
          "projection-frequency");

  private Builtins() {}

  /** The YAML of a built-in experiment. */
  public static String yaml(String name) {
    if (!NAMES.contains(name)) {
      throw unknown(name);
    }
    try (InputStream in = Builtins.class.getResourceAsStream(name + ".yaml")) {
      if (in == null) {
        throw new IllegalStateException("experiment: the program lacks its file " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The experiment of a name, or in a file. */
  public static Definition find(String nameOrFile) {
    if (NAMES.contains(nameOrFile)) {
      return DefinitionReader.read(YamlSection.parse(yaml(nameOrFile), nameOrFile + ".yaml"));
    }
    Path file = Path.of(nameOrFile);
    if (!Files.exists(file) && !nameOrFile.matches(".*[./\\\\].*")) {
      throw unknown(nameOrFile);
    }
    return DefinitionReader.read(YamlSection.read(file));
  }

  private static ConfigException unknown(String name) {
    return new ConfigException(
        "no experiment '"
            + name
            + "', wanted a YAML file or one of "
            + String.join(", ", NAMES)
            + NearestName.of(name, NAMES).map(n -> "; did you mean " + n + "?").orElse(""));
  }
}
