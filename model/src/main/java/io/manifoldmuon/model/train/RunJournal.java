package io.manifoldmuon.model.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.manifoldmuon.linalg.graph.Phase;
import io.manifoldmuon.model.data.Dataset;
import io.manifoldmuon.model.nn.ModelSize;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What a run's folder tells beside its numbers, one JSON object a line, only ever appended to:
 *
 * <ul>
 *   <li>{@code sessions.jsonl}: an object with {@code started}, {@code step}, {@code command},
 *       {@code environment}, {@code data}, the model's size and the flops of a step for every start
 *       of the program, and one with {@code ended}, {@code outcome}, {@code step} and {@code
 *       seconds} where it came to its end, with {@code problem} where that was a failure;
 *   <li>{@code samples.jsonl}: {@code step}, {@code prompt} and {@code text} of what the model
 *       wrote.
 * </ul>
 */
final class RunJournal {
  static final String SESSIONS = "sessions.jsonl";
  static final String SAMPLES = "samples.jsonl";

  private final Path folder;
  private final ObjectMapper json = new ObjectMapper();

  RunJournal(Path folder) {
    this.folder = folder;
  }

  /**
   * The program starts to train.
   *
   * @param flops of a step's products
   * @param step optimizer steps done before
   */
  void started(
      TrainJob job,
      ModelSize size,
      Map<Phase, Double> flops,
      Map<String, String> environment,
      long step) {
    Dataset data = job.data();
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("started", now());
    fields.put("step", step);
    fields.put("command", job.command());
    fields.put("environment", environment);
    fields.put("data", data.description());
    data.lossFloor().ifPresent(floor -> fields.put("floor", floor));
    fields.put("parameters", size.parameters());
    fields.put("active_parameters", size.activeParameters());
    Map<String, Double> byPhase = new LinkedHashMap<>();
    flops.forEach((phase, count) -> byPhase.put(phase.name().toLowerCase(Locale.ROOT), count));
    fields.put("flops", byPhase);
    append(SESSIONS, fields);
  }

  /** The run comes to its end, or stops on request. */
  void ended(TrainResult.Outcome outcome, long step, double seconds) {
    append(SESSIONS, end(outcome.name(), step, seconds));
  }

  /**
   * The run fails.
   *
   * @param how DIVERGED or FAILED
   * @param step in which, 1 for the first
   */
  void failed(String how, long step, double seconds, RuntimeException failure) {
    Map<String, Object> fields = end(how, step, seconds);
    fields.put("problem", failure.getMessage() == null ? failure.toString() : failure.getMessage());
    append(SESSIONS, fields);
  }

  private static Map<String, Object> end(String outcome, long step, double seconds) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("ended", now());
    fields.put("outcome", outcome);
    fields.put("step", step);
    fields.put("seconds", seconds);
    return fields;
  }

  /** How the model goes on after a prompt. */
  void sample(long step, String prompt, String text) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("step", step);
    fields.put("prompt", prompt);
    fields.put("text", text);
    append(SAMPLES, fields);
  }

  private static String now() {
    return Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
  }

  private void append(String name, Map<String, ?> fields) {
    Path file = folder.resolve(name);
    try {
      Files.writeString(
          file,
          json.writeValueAsString(fields) + "\n",
          StandardCharsets.UTF_8,
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    } catch (IOException e) {
      throw OutputException.of(file, e);
    }
  }
}
