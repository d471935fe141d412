package io.manifoldmuon.model.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a configuration is refused for, and in which words. */
class ConfigRefusalsTest {
  @TempDir Path folder;

  private static RunConfig yaml(String text) {
    return new ConfigBuilder().yaml(text, "run.yaml").build();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "model.d_modle=3        | 'model.d_modle'     | did you mean model.d_model? | in model:"
            + " type, preset",
        "modle.d_model=3        | 'modle'             | did you mean model?         | at the top:"
            + " model, data",
        "d_model=3              | 'd_model'           | did you mean model.d_model? | at the top:"
            + " model, data",
        "lr=3                   | 'lr'                | did you mean optimizer.adamw.lr? | at the"
            + " top: model",
        "optimizer.lr=3         | 'optimizer.lr'      | did you mean optimizer.adamw.lr? | in"
            + " optimizer: type",
        "optimizer.adamw.beta=3 | 'optimizer.adamw.beta' | did you mean optimizer.adamw.beta1? |"
            + " betas",
        "train.zzzzzzzz=3       | 'train.zzzzzzzz'    | ;                           | in train:"
            + " steps, batch_size",
        "model.vocab_size=256   | 'model.vocab_size'  | ;                           | in model:"
            + " type",
        "train..steps=3         | 'train.'            | ;                           | in train:"
            + " steps",
        "train.=3               | 'train.'            | ;                           | in train:"
            + " steps",
      })
  void unknownKeysAreRefusedWithTheNearestAndTheAllowed(
      String setting, String key, String suggestion, String allowed) {
    assertThatThrownBy(() -> RunConfig.of(setting))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("unknown key " + key)
        .hasMessageContaining(suggestion)
        .hasMessageContaining(allowed)
        .hasMessageContaining("--set " + setting);
  }

  @Test
  void messagesNameFileAndLine() {
    assertThatThrownBy(() -> yaml("train:\n  steps: 3\n  sede: 4\n"))
        .hasMessageContaining("unknown key 'train.sede', did you mean train.seed?")
        .hasMessageContaining("(run.yaml line 3)");
    assertThatThrownBy(() -> yaml("train:\n\n  steps: many\n"))
        .hasMessageEndingWith("(set by run.yaml line 3)");
    assertThatThrownBy(() -> yaml("model:\n  top_k: 9\n"))
        .hasMessageContaining("model.top_k is 9")
        .hasMessageEndingWith("(set by run.yaml line 2)");
  }

  @Test
  void quotedNumbersAreTexts() {
    assertThatThrownBy(() -> yaml("train: {steps: '600'}"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("without quotes");
  }

  @Test
  void aKeyWithinAValueIsRefused() {
    assertThatThrownBy(() -> RunConfig.of("train.steps.x=1"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("train.steps is one value and has no key 'x'");
    assertThatThrownBy(() -> yaml("train: {steps: {x: 1}}"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("train.steps is a section, but it must be a whole number");
    assertThatThrownBy(() -> yaml("train: {steps: [1]}"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("train.steps is a list, but it must be a whole number");
  }

  @ParameterizedTest
  @ValueSource(strings = {"train.steps", "=5", "", "train.steps=", "train.steps= "})
  void settingsMustBeAssignments(String setting) {
    assertThatThrownBy(() -> RunConfig.of(setting))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("must be key=value");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "train: {steps: 1, steps: 2}      | train.steps is given twice",
        "train: {}\\ntrain: {}            | train is given twice",
        "train: {steps: 1                 | not valid YAML",
        "train: !!java.io.File [x]        | ag is not allowed",
        "train: {steps: !!int 5}          | has the tag",
        "data: {path: !mine x}            | has the tag",
        "data: {path: !!binary aGk=}      | has the tag",
        "--- {}\\n--- {}                  | not valid YAML",
        "- a                              | the configuration must be a section",
        "just text                        | the configuration must be a section",
        "{[a]: 1}                         | a key must be one word",
        "train: {<<: {steps: 1}}          | unknown key 'train.<<'",
        "train: *nowhere                  | not valid YAML",
        "train: [[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]] | not valid YAML",
        "a\\u0007b                        | not valid YAML",
      })
  void badDocumentsAreRefusedInOneSentence(String text, String problem) {
    String yaml = text.strip().replace("\\n", "\n").replace("\\u0007", "\u0007");
    assertThatThrownBy(() -> yaml(yaml))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(problem)
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
  }

  @Test
  void aliasesWorkButBombsAndLoopsAreRefused() {
    assertThat(yaml("data: {path: &p a.txt}\ntrain: {init_from: *p}").train().initFrom())
        .isEqualTo("a.txt");
    StringBuilder bomb = new StringBuilder("a0: &a0 [x]\n");
    for (int i = 1; i < 30; i++) {
      bomb.append("a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
    }
    assertThatThrownBy(() -> yaml(bomb.toString()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("aliases");
    assertThatThrownBy(() -> yaml("optimizer: &o {adamw: *o}"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("unknown key 'optimizer.adamw.adamw'");
    assertThatThrownBy(() -> yaml("optimizer: {adamw: {betas: &b [*b, *b]}}"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("is a list, but it must be a finite number");
  }

  @Test
  void filesAreReadAndTheirProblemsNamed() throws IOException {
    Path good = Files.writeString(folder.resolve("good.yaml"), "train: {steps: 42}\n");
    assertThat(new ConfigBuilder().file(good).build().train().steps()).isEqualTo(42);

    Path missing = folder.resolve("missing.yaml");
    assertThatThrownBy(() -> new ConfigBuilder().file(missing))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("no file " + missing);
    assertThatThrownBy(() -> new ConfigBuilder().file(folder))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("is not a file");
    Path latin = folder.resolve("latin.yaml");
    Files.write(latin, "data: {path: é}".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> new ConfigBuilder().file(latin))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("is not UTF-8");
    Path huge = Files.writeString(folder.resolve("huge.yaml"), "#".repeat(300_000));
    assertThatThrownBy(() -> new ConfigBuilder().file(huge))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("300000 bytes")
        .hasMessageContaining("at most 262144");
  }

  @Test
  void longValuesAreCutInMessages() {
    assertThatThrownBy(() -> RunConfig.of("train.steps=" + "9".repeat(5000)))
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(400));
  }
}
