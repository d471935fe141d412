package io.manifoldmuon.tests.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run leaves is reproducible, measures the same everywhere, and opens after a rewrite. */
class CheckpointFileTest {
  private static final List<String> WEIGHTS = List.of("model.safetensors", "optimizer.safetensors");

  @TempDir static Path temp;

  private static Path train;
  private static Path validation;
  private static Path first;
  private static double validationLoss;

  @BeforeAll
  static void trainOnce() throws IOException {
    String licence = Files.readString(Path.of("..", "LICENSE"), StandardCharsets.US_ASCII);
    train = Files.writeString(temp.resolve("train.txt"), licence.substring(0, 9000));
    validation = Files.writeString(temp.resolve("validation.txt"), licence.substring(9000));
    first = temp.resolve("first");
    validationLoss = train(first, 7).get("val_loss").asDouble();
  }

  private static JsonNode train(Path out, int seed) {
    List<String> settings =
        SmallRun.settings(
            "data.val_path=" + validation,
            "model.n_layers=2",
            "model.router_noise=0.5",
            "model.router_bias=true",
            "model.shared_expert=true",
            "train.steps=40",
            "train.eval_every=15",
            "train.eval_windows=1000000");
    return Muon.run(
            Muon.command(
                "train", settings, "--data=" + train, "--out=" + out, "--seed=" + seed, "--json"))
        .json();
  }

  private static double evaluate(Path checkpoint, String... more) {
    List<String> words =
        new ArrayList<>(
            List.of("eval", "--checkpoint=" + checkpoint, "--data=" + validation, "--json"));
    words.addAll(List.of(more));
    return Muon.run(words).json().get("loss").asDouble();
  }

  @Test
  void theSameSeedGivesTheSameBytesAndAnotherOthers() throws IOException {
    Path again = temp.resolve("again");
    Path other = temp.resolve("other");
    assertThat(train(again, 7).get("val_loss").asDouble()).isEqualTo(validationLoss);
    train(other, 8);
    for (String name : WEIGHTS) {
      byte[] bytes = Files.readAllBytes(first.resolve("final").resolve(name));
      assertThat(Files.readAllBytes(again.resolve("final").resolve(name)))
          .as(name)
          .isEqualTo(bytes);
      assertThat(Files.readAllBytes(other.resolve("final").resolve(name)))
          .as(name)
          .hasSameSizeAs(bytes)
          .isNotEqualTo(bytes);
    }
  }

  @Test
  void evalGivesTheValidationLossOfTheRun() {
    assertThat(evaluate(first)).isEqualTo(validationLoss);
  }

  @Test
  void cpuAndReferenceAgreeOnACheckpoint() {
    double cpu = evaluate(first, "--engine=cpu", "--tokens=1000");
    double reference = evaluate(first, "--engine=reference", "--tokens=1000");
    Figures.print("cpu %.9f, reference %.9f: %.1e", cpu, reference, cpu / reference - 1);
    assertThat(cpu).isCloseTo(reference, within(1e-5 * reference));
  }

  @Test
  void samplesDependOnTheSeedAlone() {
    String text = sample(1);
    assertThat(sample(1)).isEqualTo(text);
    assertThat(sample(2)).isNotEqualTo(text);
  }

  private static String sample(int seed) {
    return Muon.run(
            "sample",
            "--checkpoint=" + first,
            "--prompt=The ",
            "--tokens=60",
            "--seed=" + seed,
            "--json")
        .json()
        .get("text")
        .asText();
  }

  @Test
  void aCheckpointOfAnotherWriterOpens() throws IOException {
    Path folder = Files.createDirectory(temp.resolve("foreign"));
    Path ours = first.resolve("final");
    Files.copy(ours.resolve("config.yaml"), folder.resolve("config.yaml"));
    byte[] original = Files.readAllBytes(ours.resolve("model.safetensors"));
    byte[] foreign = rewrite(original);
    assertThat(foreign).isNotEqualTo(original);
    Files.write(folder.resolve("model.safetensors"), foreign);
    assertThat(evaluate(folder)).isEqualTo(validationLoss);
  }

  /** The same tensors, last first in the data and in another order in a padded header. */
  private static byte[] rewrite(byte[] file) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    int length = Math.toIntExact(in.getLong(0));
    var mapper = new ObjectMapper();
    JsonNode old = mapper.readTree(file, 8, length);
    List<String> names = new ArrayList<>();
    old.fieldNames().forEachRemaining(names::add);
    names.remove("__metadata__");
    assertThat(names).hasSizeGreaterThan(10);
    Collections.reverse(names);
    ObjectNode header = mapper.createObjectNode();
    var data = new ByteArrayOutputStream();
    for (String name : names) {
      JsonNode offsets = old.get(name).get("data_offsets");
      int from = 8 + length + offsets.get(0).asInt();
      int to = 8 + length + offsets.get(1).asInt();
      ObjectNode entry = mapper.createObjectNode();
      entry.putArray("data_offsets").add(data.size()).add(data.size() + to - from);
      entry.set("shape", old.get(name).get("shape"));
      entry.set("dtype", old.get(name).get("dtype"));
      header.set(name, entry);
      data.write(file, from, to - from);
    }
    header.putObject("__metadata__").put("format", "pt").put("größe", "\"{\\");
    String json = mapper.writerWithDefaultPrettyPrinter().writeValueAsString(header);
    byte[] text = json.getBytes(StandardCharsets.UTF_8);
    byte[] padded = Arrays.copyOf(text, (text.length + 64) / 64 * 64 + 64);
    Arrays.fill(padded, text.length, padded.length, (byte) ' ');
    return ByteBuffer.allocate(8 + padded.length + data.size())
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(padded.length)
        .put(padded)
        .put(data.toByteArray())
        .array();
  }
}
