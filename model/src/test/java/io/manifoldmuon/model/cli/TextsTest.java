package io.manifoldmuon.model.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextsTest {

  @ParameterizedTest
  @CsvSource({"0,0:00", "59.4,0:59", "59.6,1:00", "3599,59:59", "3600,1:00:00", "-1,0:00"})
  void durations(double seconds, String text) {
    assertThat(Texts.duration(seconds)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({"0,0 bytes", "1023,1023 bytes", "1024,1.0 KiB", "1572864,1.5 MiB"})
  void bytes(long n, String text) {
    assertThat(Texts.bytes(n)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({"999,999", "1214080,1.21 M", "1661428736,1.66 B"})
  void counts(long n, String text) {
    assertThat(Texts.count(n)).isEqualTo(text);
  }
}
