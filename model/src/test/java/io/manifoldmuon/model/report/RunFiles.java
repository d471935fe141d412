package io.manifoldmuon.model.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Folders of runs that never were, with files as {@code train} writes them. */
final class RunFiles {
  static final String HOSTILE =
      "</pre><script>alert('x')</script><img src=x onerror=alert(1)>&\u0000";

  private RunFiles() {}

  /** A run of {@code steps} logged steps on a manifold, with two experts in each of two layers. */
  static Path write(Path folder, int steps) throws IOException {
    Files.createDirectories(folder);
    StringBuilder lines = new StringBuilder();
    for (int step = 1; step <= steps; step++) {
      lines.append(metrics(step, 1 + 4.0 / step, step % 5 == 0 ? 1.5 + 4.0 / step : Double.NaN));
    }
    Files.writeString(folder.resolve("metrics.jsonl"), lines);
    Files.writeString(
        folder.resolve("samples.jsonl"),
        "{\"step\":5,\"prompt\":\"To be\",\"text\":\" or\"}\n"
            + "{\"step\":10,\"prompt\":\"To be\",\"text\":\" "
            + HOSTILE.replace("\u0000", "\\u0000")
            + "\"}\n");
    Files.writeString(
        folder.resolve("sessions.jsonl"),
        "{\"started\":\"2026-01-01T00:00:00Z\",\"step\":0,\"command\":\"./muon train "
            + "</script><b>\",\"environment\":{\"Engine\":\"cpu <2 threads>\"},\"data\":\"a & b\","
            + "\"floor\":0.9,\"parameters\":1000,\"active_parameters\":600}\n"
            + "{\"ended\":\"2026-01-01T00:01:00Z\",\"outcome\":\"COMPLETED\",\"step\":"
            + steps
            + "}\n");
    Files.writeString(
        folder.resolve("config.yaml"),
        """
        model:
          preset: tiny
          n_experts: 2
        data:
          path: '<x>'
          tokenizer: bytes
        train:
          grad_clip: 1.0
        optimizer:
          type: adamw
        """);
    return folder;
  }

  static String metrics(int step, double train, double validation) {
    String val =
        Double.isNaN(validation)
            ? ""
            : String.format(Locale.ROOT, "\"val_loss\":%.4f,", validation);
    return String.format(
        Locale.ROOT,
        "{\"step\":%d,\"tokens\":%d,\"train_loss\":%.4f,%s\"lr\":0.01,\"grad_norm\":2.5,"
            + "\"tokens_per_s\":1000,\"step_ms\":10,\"forward_ms\":3,\"backward_ms\":4,"
            + "\"optimizer_ms\":2,\"constraint_max\":1e-6,\"sigma_min\":\"NaN\",\"dual_gap\":0.1,"
            + "\"groups\":{\"attention\":{\"constraint_max\":1e-6,\"sigma_min\":0.999999,"
            + "\"sigma_max\":1.000001,\"solver\":\"irls\",\"dual_gap\":0.1,\"tangency\":1e-3}},"
            + "\"router_entropy\":0.5,\"max_violation_load\":0.4,"
            + "\"expert_load\":[[0.6,1.4],[1.0,1.0]],\"total_seconds\":%.2f}\n",
        step,
        step * 100,
        train,
        val,
        step * 0.5);
  }
}
