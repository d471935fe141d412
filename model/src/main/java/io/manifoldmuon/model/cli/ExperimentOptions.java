package io.manifoldmuon.model.cli;

import io.manifoldmuon.model.experiment.Builtins;
import io.manifoldmuon.model.experiment.Definition;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which experiment, with which changes: what running and spreading it share. */
final class ExperimentOptions {
  @Parameters(paramLabel = "NAME|FILE", description = "A built-in experiment, or a YAML file.")
  private String name;

  @Option(
      names = "--data",
      paramLabel = "PATH",
      required = true,
      description = "Text: a file, folder, zip or glob, or .bin token shards.")
  private String data;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description =
          "A setting of every run, over the experiment's base and below what arms and cases set;"
              + " train.steps=N is its budget. May be given again.")
  private List<String> settings = new ArrayList<>();

  @Option(names = "--seeds", paramLabel = "N", description = "Main runs with the seeds 1 to N.")
  private Integer seeds;

  @Option(
      names = "--engine",
      paramLabel = "NAME",
      defaultValue = "auto",
      description = "auto, cpu, reference, tornado or emulator.")
  private String engine;

  @Option(names = "--device", paramLabel = "I:J", description = "The engine's device.")
  private String device;

  @Option(names = ConfigurationOptions.STACK_TRACE, hidden = true)
  @SuppressWarnings("unused") // read from the arguments by Main
  private boolean stackTrace;

  String name() {
    return name;
  }

  String data() {
    return data;
  }

  String engine() {
    return engine;
  }

  String device() {
    return device;
  }

  /** The experiment with the changes. */
  Definition definition() {
    Definition definition = Builtins.find(name).with(settings);
    if (seeds == null) {
      return definition;
    }
    if (seeds < 1) {
      throw new io.manifoldmuon.model.config.ConfigException(
          "--seeds is " + seeds + ", but it must be a whole number of at least 1");
    }
    return definition.withSeeds(LongStream.rangeClosed(1, seeds).boxed().toList());
  }

  /** The words of these options, for commands that others run. */
  List<String> words() {
    List<String> words = new ArrayList<>(List.of(name, "--data", data));
    settings.forEach(s -> words.addAll(List.of("--set", s)));
    if (seeds != null) {
      words.addAll(List.of("--seeds", seeds.toString()));
    }
    if (!engine.equals("auto")) {
      words.addAll(List.of("--engine", engine));
    }
    if (device != null) {
      words.addAll(List.of("--device", device));
    }
    return words;
  }
}
