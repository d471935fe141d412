package io.manifoldmuon.model.train;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.manifoldmuon.model.format.FormatException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where a run stood when its checkpoint was saved: {@code state.json}.
 *
 * @param formatVersion of the checkpoint folder
 * @param step optimizer steps done
 * @param tokens training tokens seen
 * @param seed of weights, batches and noise
 * @param data identifies the tokens that were trained on
 */
public record TrainingState(
    @JsonProperty("format_version") int formatVersion,
    @JsonProperty("step") long step,
    @JsonProperty("tokens") long tokens,
    @JsonProperty("seed") long seed,
    @JsonProperty("data") String data) {
  private static final int VERSION = 1;

  /** A state in the current format. */
  TrainingState(long step, long tokens, long seed, String data) {
    this(VERSION, step, tokens, seed, data);
  }

  void write(Path file) throws IOException {
    Files.writeString(file, mapper().writeValueAsString(this) + "\n");
  }

  /**
   * Reads a state.
   *
   * @throws FormatException if it cannot be read or is of another version
   */
  static TrainingState read(Path file) {
    TrainingState state;
    try {
      state = mapper().readValue(Files.readString(file), TrainingState.class);
    } catch (JsonProcessingException e) {
      throw new FormatException(
          file, "not the state of a run: " + e.getOriginalMessage() + "; it is damaged", e);
    } catch (IOException | UncheckedIOException e) {
      throw new FormatException(file, "cannot be read: " + e.getMessage(), e);
    }
    if (state.formatVersion != VERSION || state.step < 0 || state.tokens < 0) {
      throw new FormatException(
          file,
          "format_version "
              + state.formatVersion
              + ", step "
              + state.step
              + " and tokens "
              + state.tokens
              + " given, wanted version "
              + VERSION
              + " and counts of at least 0");
    }
    return state;
  }

  private static ObjectMapper mapper() {
    return new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
  }
}
