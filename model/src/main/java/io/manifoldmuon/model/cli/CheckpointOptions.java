package io.manifoldmuon.model.cli;

import io.manifoldmuon.model.config.ConfigBuilder;
import io.manifoldmuon.model.config.ConfigException;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.data.Tokenizers;
import io.manifoldmuon.model.train.Checkpoint;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A checkpoint and the options over its configuration. */
final class CheckpointOptions {
  @Option(
      names = "--checkpoint",
      required = true,
      paramLabel = "DIR",
      description = "A checkpoint folder, or a run's folder for its final one.")
  private Path folder;

  @Mixin private ConfigurationOptions options;

  /** The checkpoint. */
  Checkpoint checkpoint() {
    return Checkpoint.at(folder);
  }

  /** The checkpoint's configuration under the options. */
  RunConfig config(Checkpoint checkpoint) {
    return options.over(checkpoint.config()).build();
  }

  /** The same, reading all of one text, unless an option says otherwise. */
  RunConfig config(Checkpoint checkpoint, String data) {
    ConfigBuilder builder =
        options.over(checkpoint.config().option("--data", "data.max_bytes", "0"));
    RunConfig config = builder.option("--data", "data.path", data).build();
    int given = Tokenizers.named(config.data().tokenizer()).tokens();
    int known = checkpoint.vocabulary();
    if (given > known) {
      throw new ConfigException(
          "data.tokenizer "
              + config.data().tokenizer()
              + " has "
              + given
              + " tokens, but the model of "
              + checkpoint.folder()
              + " knows "
              + known
              + "; leave data.tokenizer as the checkpoint has it");
    }
    return config;
  }
}
