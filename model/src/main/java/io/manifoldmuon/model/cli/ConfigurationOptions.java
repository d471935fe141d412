package io.manifoldmuon.model.cli;

import io.manifoldmuon.model.config.ConfigBuilder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** The options that decide the configuration, shared by all commands that have one. */
final class ConfigurationOptions {
  static final String STACK_TRACE = "--stacktrace";

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "A YAML file over the defaults; may be given again, later ones win.")
  private List<Path> configs = new ArrayList<>();

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "One setting over the files: --set model.preset=small. May be given again.")
  private List<String> settings = new ArrayList<>();

  @Option(
      names = "--engine",
      paramLabel = "NAME",
      description = "auto, cpu, reference, tornado or emulator (engine.name).")
  private String engine;

  @Option(
      names = "--device",
      paramLabel = "I:J",
      description = "The engine's device, as `muon devices` lists them (engine.device).")
  private String device;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "CPU threads, 0 for one a processor (engine.threads).")
  private String threads;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Decides everything random (train.seed).")
  private String seed;

  @Option(names = STACK_TRACE, description = "Print the stack trace of a failure.")
  @SuppressWarnings(
      "unused") // read from the arguments by Main, so that it also serves parse errors
  private boolean stackTrace;

  /** Puts the options over {@code config}: files, then settings, then the named options. */
  ConfigBuilder over(ConfigBuilder config) {
    configs.forEach(config::file);
    config.set(settings);
    option(config, "--engine", "engine.name", engine);
    option(config, "--device", "engine.device", device);
    option(config, "--threads", "engine.threads", threads);
    option(config, "--seed", "train.seed", seed);
    return config;
  }

  private static void option(ConfigBuilder config, String option, String key, String value) {
    if (value != null) {
      config.option(option, key, value);
    }
  }
}
