package io.manifoldmuon.model.train;

import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.data.Dataset;
import java.nio.file.Path;

/**
 * What to train, on what, and where to write it.
 *
 * @param config the resolved configuration
 * @param data the tokens; open until the run is over
 * @param folder the run's folder, new or empty
 * @param command the command line, for the report
 */
public record TrainJob(RunConfig config, Dataset data, Path folder, String command) {}
