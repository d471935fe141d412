package io.manifoldmuon.model.train;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.manifoldmuon.model.format.FormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * Where a run stood when its checkpoint was saved: {@code state.json}. Batches, noise and samples
 * are a pure function of seed and step, so these two are all of the random state and of the place
 * in the data.
 *
 * @param formatVersion of the checkpoint folder
 * @param program the version that wrote it
 * @param engine what computed
 * @param step optimizer steps done
 * @param tokens training tokens seen
 * @param seed of weights, batches and noise
 * @param data identifies the tokens that were trained on
 * @param elapsedSeconds of training, over all resumptions
 * @param validationLoss the last one, null before the first
 * @param best the lowest validation loss, null before the first
 * @param norms of the gradients so far
 * @param metricsBytes the length of {@code metrics.jsonl}
 * @param files what the other files of the folder must be, by name
 */
public record TrainingState(
    @JsonProperty("format_version") int formatVersion,
    @JsonProperty("program") String program,
    @JsonProperty("engine") String engine,
    @JsonProperty("step") long step,
    @JsonProperty("tokens") long tokens,
    @JsonProperty("seed") long seed,
    @JsonProperty("data") String data,
    @JsonProperty("elapsed_seconds") double elapsedSeconds,
    @JsonProperty("validation_loss") Double validationLoss,
    @JsonProperty("best") Best best,
    @JsonProperty("gradient_norms") Norms norms,
    @JsonProperty("metrics_bytes") long metricsBytes,
    @JsonProperty("files") Map<String, FileDigest> files) {
  static final int VERSION = 2;

  private static final long LONGEST = 1 << 20;

  public TrainingState {
    files = files == null ? Map.of() : new TreeMap<>(files);
  }

  /**
   * The lowest validation loss so far.
   *
   * @param loss in nats per token
   * @param step after which it was measured
   * @param validationsSince how many came after it
   */
  public record Best(
      @JsonProperty("loss") double loss,
      @JsonProperty("step") long step,
      @JsonProperty("validations_since") int validationsSince) {}

  /**
   * The gradient norms of the steps that were taken.
   *
   * @param mean of the recent ones
   * @param count of all
   * @param skipped steps that were left out for theirs
   */
  public record Norms(
      @JsonProperty("mean") double mean,
      @JsonProperty("count") long count,
      @JsonProperty("skipped") long skipped) {
    static final Norms NONE = new Norms(0, 0, 0);
  }

  /** A state of a run that has been nowhere but at a step; for tests and tools. */
  static TrainingState at(long step, long tokens, long seed, String data) {
    return new TrainingState(
        VERSION,
        Environment.VERSION,
        "",
        step,
        tokens,
        seed,
        data,
        0,
        null,
        null,
        Norms.NONE,
        0,
        Map.of());
  }

  /** The same with the digests of the folder's files. */
  TrainingState withFiles(Map<String, FileDigest> digests) {
    return new TrainingState(
        formatVersion,
        program,
        engine,
        step,
        tokens,
        seed,
        data,
        elapsedSeconds,
        validationLoss,
        best,
        norms,
        metricsBytes,
        digests);
  }

  void write(Path file) throws IOException {
    Files.writeString(file, mapper().writeValueAsString(this) + "\n");
  }

  /** A state that another version of the program wrote: nothing is wrong with it. */
  static final class OtherVersionException extends FormatException {
    private static final long serialVersionUID = 1L;

    OtherVersionException(Path file, String given) {
      super(
          file,
          "format_version "
              + given
              + " given, wanted "
              + VERSION
              + "; its weights can be used with train.init_from");
    }
  }

  /**
   * Reads a state.
   *
   * @throws FormatException if it cannot be read or is damaged
   * @throws OtherVersionException if it is of another version
   */
  static TrainingState read(Path file) {
    try {
      return parse(file);
    } catch (IOException e) {
      throw new FormatException(file, "cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * Reads a state.
   *
   * @throws IOException if the file cannot be read
   * @throws FormatException if it is not there or is damaged
   * @throws OtherVersionException if it is of another version
   */
  static TrainingState parse(Path file) throws IOException {
    try {
      if (Files.notExists(file)) {
        throw new FormatException(file, "no such file, wanted the state of a run");
      }
      if (Files.size(file) > LONGEST) {
        throw new FormatException(
            file,
            Files.size(file) + " bytes, wanted the state of a run, which has at most " + LONGEST);
      }
      byte[] bytes = Files.readAllBytes(file);
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return checked(file, mapper().readValue(text, TrainingState.class));
    } catch (CharacterCodingException e) {
      throw new FormatException(file, "not the state of a run: it is not UTF-8 text", e);
    } catch (JsonProcessingException e) {
      throw new FormatException(
          file, "not the state of a run: " + e.getOriginalMessage() + "; it is damaged", e);
    }
  }

  private static TrainingState checked(Path file, TrainingState s) {
    if (s == null) {
      throw new FormatException(file, "not the state of a run: it is empty; it is damaged");
    }
    if (s.formatVersion != VERSION) {
      throw new OtherVersionException(file, Integer.toString(s.formatVersion));
    }
    boolean sound =
        s.step >= 0
            && s.tokens >= 0
            && s.metricsBytes >= 0
            && s.elapsedSeconds >= 0
            && Double.isFinite(s.elapsedSeconds)
            && s.data != null
            && s.norms != null
            && s.norms.count >= 0
            && s.norms.skipped >= 0
            && (s.best == null || (Double.isFinite(s.best.loss) && s.best.validationsSince >= 0));
    if (!sound) {
      throw new FormatException(
          file,
          "step "
              + s.step
              + ", tokens "
              + s.tokens
              + ", elapsed_seconds "
              + s.elapsedSeconds
              + " and metrics_bytes "
              + s.metricsBytes
              + " given, wanted finite numbers of at least 0, data and gradient_norms; it is"
              + " damaged");
    }
    return s;
  }

  private static ObjectMapper mapper() {
    return JsonMapper.builder()
        .enable(SerializationFeature.INDENT_OUTPUT)
        .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
        .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .build();
  }
}
