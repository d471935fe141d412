package io.manifoldmuon.model.report;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * What the files of a run's folder say.
 *
 * @param folder where it is
 * @param yaml {@code config.yaml} as it stands, empty for none
 * @param config the same as names and values, {@code train.steps} → {@code 600}
 * @param metrics the logged steps
 * @param samples what the model wrote, in the order of their steps
 * @param sessions the starts of the program, in order
 * @param unreadable how many lines could not be read, by the files that have such
 */
public record RunData(
    Path folder,
    String yaml,
    Map<String, String> config,
    MetricTable metrics,
    List<Sample> samples,
    List<Session> sessions,
    Map<String, Integer> unreadable) {

  /** What the model wrote after a prompt. */
  public record Sample(long step, String prompt, String text) {}

  /**
   * A start of the program.
   *
   * @param outcome why it ended, empty where no end is recorded
   * @param problem what it failed with, empty for nothing
   * @param floor the least possible loss, where it is known
   * @param flops of a step's products by phase, as far as they are recorded
   */
  public record Session(
      String started,
      long step,
      String command,
      Map<String, String> environment,
      String data,
      OptionalDouble floor,
      long parameters,
      long activeParameters,
      Map<String, Double> flops,
      String outcome,
      String problem) {
    Session ended(String how, String what) {
      return new Session(
          started,
          step,
          command,
          environment,
          data,
          floor,
          parameters,
          activeParameters,
          flops,
          how,
          what);
    }

    /** How it ended, in a word or a few. */
    String end() {
      return switch (outcome) {
        case "" -> "no end recorded: still running, or killed";
        case "OUT_OF_TOKENS" -> "ended by its token limit";
        case "STOPPED_EARLY" -> "ended early, because the validation loss did not fall any more";
        case "OUT_OF_TIME" -> "ended by its time limit";
        default -> outcome.toLowerCase(Locale.ROOT).replace('_', ' ');
      };
    }
  }

  /** The folder's own name. */
  String name() {
    Path name = folder.toAbsolutePath().normalize().getFileName();
    return name == null ? folder.toString() : name.toString();
  }

  /** A value of the configuration, empty where it has none. */
  String config(String key) {
    return config.getOrDefault(key, "");
  }

  /** A number of the configuration, NaN where it is none. */
  double number(String key) {
    try {
      return Double.parseDouble(config(key));
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }

  /** The least possible loss, where it is known. */
  public OptionalDouble floor() {
    return sessions.isEmpty() ? OptionalDouble.empty() : sessions.getLast().floor();
  }

  /** How the run stands, in words. */
  public String outcome() {
    if (sessions.isEmpty()) {
      return "no end recorded: still running, or killed";
    }
    Session last = sessions.getLast();
    return last.problem().isEmpty() ? last.end() : last.end() + ": " + last.problem();
  }
}
