package io.manifoldmuon.model.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.manifoldmuon.model.report.RunReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MeasuresTest {
  @TempDir private Path run;

  /** Twenty logged steps; the second half is measured. */
  private Measures measured(IntToDoubleFunction gradNorm) throws IOException {
    StringBuilder metrics = new StringBuilder();
    for (int i = 1; i <= 20; i++) {
      metrics.append(
          "{\"step\":%d,\"train_loss\":2,\"grad_norm\":%s}%n"
              .formatted(10 * i, gradNorm.applyAsDouble(i)));
    }
    Files.writeString(run.resolve("metrics.jsonl"), metrics);
    return Measures.of(RunReader.read(run), List.of());
  }

  @Test
  void aTrendIsVarianceButNoNoise() throws IOException {
    Measures m = measured(i -> 1 + 0.5 * i);
    assertThat(m.get("grad_norm_mean")).isEqualTo(8.75, within(1e-12));
    assertThat(m.get("grad_norm_cv2")).isGreaterThan(0.02);
    assertThat(m.get("grad_norm_noise_cv2")).isLessThan(1e-25);
  }

  @Test
  void whatComesAndGoesIsNoise() throws IOException {
    Measures m = measured(i -> i % 3 == 0 ? 3 : 2);
    assertThat(m.get("grad_norm_cv2")).isEqualTo(0.0441, within(1e-3));
    assertThat(m.get("grad_norm_noise_cv2")).isBetween(0.04, 0.08);
  }
}
