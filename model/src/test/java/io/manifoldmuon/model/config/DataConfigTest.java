package io.manifoldmuon.model.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DataConfigTest {
  @Test
  void keepsWhatItIsGiven() {
    var config = new DataConfig("a.txt", "b.txt", "gpt2", 0.25, 12);
    assertThat(config.path()).isEqualTo("a.txt");
    assertThat(config.valPath()).isEqualTo("b.txt");
    assertThat(new DataConfig(null, "bytes", 0.1, 0).valPath()).isNull();
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1, -0.1, 1.5, Double.NaN, Double.POSITIVE_INFINITY})
  void rejectsFractionsThatLeaveNoSplit(double fraction) {
    assertThatThrownBy(() -> new DataConfig(null, "bytes", fraction, 0))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("data.val_fraction")
        .hasMessageContaining("above 0 and below 1");
  }

  @Test
  void rejectsOtherBadValuesByKey() {
    assertThatThrownBy(() -> new DataConfig(" ", "bytes", 0.1, 0))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("data.path");
    assertThatThrownBy(() -> new DataConfig(null, "", "bytes", 0.1, 0))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("data.val_path");
    assertThatThrownBy(() -> new DataConfig(null, "gpt3", 0.1, 0))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("data.tokenizer")
        .hasMessageContaining("gpt2");
    assertThatThrownBy(() -> new DataConfig(null, "bytes", 0.1, -1))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("data.max_bytes");
  }
}
