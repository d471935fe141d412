package io.manifoldmuon.model.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the JSON of a safetensors header, accepting exactly its form: nothing unknown, nothing
 * missing, nothing twice, only whole numbers that are not negative.
 */
final class HeaderParser {
  private static final int DEEPEST = 4;
  private static final int LONGEST_NUMBER = 32;
  private static final int MOST_DIMENSIONS = 64;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(DEEPEST)
                  .maxNumberLength(LONGEST_NUMBER)
                  .maxNameLength((int) SafetensorsHeader.LONGEST)
                  .maxStringLength((int) SafetensorsHeader.LONGEST)
                  .build())
          .build();

  private final Path file;
  private final JsonParser in;
  private final Map<String, String> metadata = new LinkedHashMap<>();
  private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();

  private HeaderParser(Path file, JsonParser in) {
    this.file = file;
    this.in = in;
  }

  /** The header in {@code json}, checked against the bytes that follow it in the file. */
  static SafetensorsHeader parse(Path file, String json, long dataBytes) {
    try (JsonParser in = JSON.createParser(json)) {
      HeaderParser parser = new HeaderParser(file, in);
      parser.header();
      return SafetensorsHeader.checked(file, parser.metadata, parser.tensors, dataBytes);
    } catch (JsonProcessingException e) {
      String problem = e.getOriginalMessage().strip().replaceAll("\\s+", " ");
      throw new FormatException(
          file,
          "the header is not valid JSON at byte "
              + (e.getLocation() == null ? 0 : 8 + e.getLocation().getCharOffset())
              + ": "
              + (problem.length() > 200 ? problem.substring(0, 200) + "…" : problem),
          e);
    } catch (IOException e) {
      throw new FormatException(file, "the header cannot be read: " + e.getMessage(), e);
    }
  }

  private void header() throws IOException {
    expect(JsonToken.START_OBJECT, "the header");
    while (in.nextToken() == JsonToken.FIELD_NAME) {
      String name = in.currentName();
      if (name.equals(SafetensorsHeader.METADATA)) {
        metadata();
      } else {
        tensors.put(name, tensor("tensor " + FormatException.quote(name)));
      }
    }
    if (in.nextToken() != null) {
      throw wrong("the header", "something after its end", "only spaces there");
    }
  }

  private void metadata() throws IOException {
    expect(JsonToken.START_OBJECT, SafetensorsHeader.METADATA);
    while (in.nextToken() == JsonToken.FIELD_NAME) {
      String key = in.currentName();
      expect(
          JsonToken.VALUE_STRING,
          SafetensorsHeader.METADATA + " entry " + FormatException.quote(key));
      metadata.put(key, in.getText());
    }
  }

  private TensorInfo tensor(String what) throws IOException {
    StoredType dtype = null;
    long[] shape = null;
    long[] offsets = null;
    expect(JsonToken.START_OBJECT, what);
    while (in.nextToken() == JsonToken.FIELD_NAME) {
      switch (in.currentName()) {
        case "dtype" -> dtype = dtype(what);
        case "shape" -> shape = wholeNumbers(what + " shape");
        case "data_offsets" -> offsets = wholeNumbers(what + " data_offsets");
        default ->
            throw wrong(
                what,
                "the key " + FormatException.quote(in.currentName()),
                "dtype, shape and data_offsets");
      }
    }
    if (dtype == null || shape == null || offsets == null) {
      String missing = dtype == null ? "dtype" : shape == null ? "shape" : "data_offsets";
      throw wrong(what, "no " + missing, "dtype, shape and data_offsets");
    }
    if (offsets.length != 2 || offsets[0] > offsets[1]) {
      throw wrong(what, "data_offsets " + excerpt(offsets), "[begin, end] with begin at most end");
    }
    return sized(what, dtype, shape, offsets);
  }

  private TensorInfo sized(String what, StoredType dtype, long[] shape, long[] offsets) {
    long bytes = offsets[1] - offsets[0];
    String given = "shape " + excerpt(shape) + " of " + dtype;
    long wanted;
    try {
      wanted = dtype.bytes(TensorInfo.elements(shape));
    } catch (ArithmeticException e) {
      throw wrong(what, given, "a size in whole bytes below 2^63");
    }
    if (wanted != bytes) {
      throw wrong(what, bytes + " bytes", wanted + " bytes for " + given);
    }
    return new TensorInfo(dtype, shape, offsets[0], bytes);
  }

  private StoredType dtype(String what) throws IOException {
    expect(JsonToken.VALUE_STRING, what + " dtype");
    String name = in.getText();
    return StoredType.of(name)
        .orElseThrow(
            () ->
                wrong(
                    what,
                    "the dtype " + FormatException.quote(name),
                    "one of " + Arrays.toString(StoredType.values())));
  }

  private long[] wholeNumbers(String what) throws IOException {
    expect(JsonToken.START_ARRAY, what);
    List<Long> numbers = new ArrayList<>();
    JsonToken token = in.nextToken();
    while (token != JsonToken.END_ARRAY) {
      String text = in.getText();
      if (token != JsonToken.VALUE_NUMBER_INT || text.startsWith("-")) {
        throw wrong(what, FormatException.quote(text), "whole numbers of at least 0");
      }
      try {
        numbers.add(Long.parseLong(text));
      } catch (NumberFormatException e) {
        throw wrong(what, text, "whole numbers below 2^63");
      }
      if (numbers.size() > MOST_DIMENSIONS) {
        throw wrong(what, "more numbers", "at most " + MOST_DIMENSIONS);
      }
      token = in.nextToken();
    }
    return numbers.stream().mapToLong(Long::longValue).toArray();
  }

  private void expect(JsonToken wanted, String what) throws IOException {
    JsonToken found = in.nextToken();
    if (found != wanted) {
      throw wrong(what, describe(found), describe(wanted));
    }
  }

  private FormatException wrong(String what, String found, String wanted) {
    return new FormatException(file, what + " has " + found + ", wanted " + wanted);
  }

  private static String describe(JsonToken token) {
    return switch (token) {
      case null -> "nothing";
      case START_OBJECT -> "an object {…}";
      case START_ARRAY -> "an array […]";
      case VALUE_STRING -> "a text";
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "a number";
      default -> token.asString() == null ? token.name() : token.asString();
    };
  }

  private static String excerpt(long[] numbers) {
    return numbers.length <= 8
        ? Arrays.toString(numbers)
        : Arrays.toString(Arrays.copyOf(numbers, 8)).replace("]", ", …]");
  }
}
