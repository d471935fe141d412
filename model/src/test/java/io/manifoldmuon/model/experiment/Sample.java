package io.manifoldmuon.model.experiment;

import io.manifoldmuon.model.config.YamlSection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** A small experiment, and folders of runs that never were. */
final class Sample {
  static final String YAML =
      """
      name: sample
      question: "Is <script>alert('q')</script> & it so?"
      base:
        model: {d_model: 32, n_layers: 1, n_heads: 2, d_ff: 64, context: 32}
        train.batch_size: 4
      arms:
        adamw: {about: "<b>", settings: {optimizer.type: adamw}, tune: {optimizer.adamw.lr: [1e-3, 1e-2, 3e-2]}}
        muon: {settings: {optimizer.type: muon}, tune: {optimizer.muon.lr: [0.01, 0.02, 0.04]}}
        spheres:
          tune: {"optimizer.stiefel_muon.base_lr, optimizer.hypersphere_muon.base_lr": [0.01, 0.02, 0.04]}
      baseline: muon
      seeds: 3
      budget: {steps: 50}
      limits:
        constraint_max: {most: 2e-6}
      """;

  private Sample() {}

  static Definition definition() {
    return read(YAML);
  }

  static Definition read(String yaml) {
    return DefinitionReader.read(YamlSection.parse(yaml, "sample.yaml"));
  }

  static Plan plan() {
    return new Plan(definition());
  }

  /** All runs of a plan, the main ones at the grid's middle. */
  static List<Task> tasks(Plan plan) {
    List<Task> tasks = new java.util.ArrayList<>(plan.tuning());
    plan.main().forEach(t -> tasks.add(t.at(t.arm().grid().points().get(1))));
    return tasks;
  }

  /** A loss that is least at the grid's middle, by arm, with a little of the seed. */
  static double loss(Task task) {
    double arm =
        task.arm().name().equals("adamw") ? 2.0 : task.arm().name().equals("muon") ? 1.7 : 1.71;
    int place = task.arm().grid().points().indexOf(task.point().orElseThrow());
    return arm
        + 0.1 * Math.abs(place - 1)
        + 0.01 * (task.seed() * 7 % 5)
        + 0.001 * (task.seed() * arm % 0.3);
  }

  /** A folder with these runs; those whose loss is NaN have diverged. */
  static ExperimentFolder write(Path path, Plan plan, List<Task> tasks, ToDoubleFunction<Task> loss)
      throws IOException {
    ExperimentFolder folder = new ExperimentFolder(path);
    folder.begin(plan.definition());
    for (Task task : tasks) {
      Path run = Files.createDirectories(folder.run(task));
      double last = loss.applyAsDouble(task);
      StringBuilder metrics = new StringBuilder();
      for (int step = 10; step <= 50; step += 10) {
        double now = (Double.isNaN(last) ? 5 : last) + 10.0 / step - 0.2;
        metrics.append(
            String.format(
                Locale.ROOT,
                "{\"step\":%d,\"tokens\":%d,\"train_loss\":%s,\"val_loss\":%s,\"grad_norm\":%s,"
                    + "\"step_ms\":10,\"optimizer_ms\":2,\"constraint_max\":%s,\"total_seconds\":%s}\n",
                step,
                step * 128,
                now,
                now,
                1.0 + step % 20,
                1e-6 * step / 40,
                0.1 * step));
      }
      Files.writeString(run.resolve("metrics.jsonl"), metrics);
      Files.writeString(
          run.resolve("sessions.jsonl"),
          "{\"started\":\"2026-01-01T00:00:00Z\",\"environment\":{\"Engine\":\"cpu\"},"
              + "\"parameters\":1000,\"active_parameters\":600,"
              + "\"flops\":{\"forward\":1e6,\"backward\":2e6,\"optimizer\":1e6}}\n");
      new Outcome(
              task.folder(),
              Double.isNaN(last),
              plan.identity(task),
              Double.isNaN(last) ? "" : "text",
              "")
          .write(run);
    }
    return folder;
  }
}
