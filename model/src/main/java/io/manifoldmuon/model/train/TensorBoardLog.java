package io.manifoldmuon.model.train;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.manifoldmuon.model.format.EventFile;
import io.manifoldmuon.model.report.FlatNumbers;
import io.manifoldmuon.model.report.RunEvents;
import java.nio.file.Path;

/** Writes every logged step to an event file for TensorBoard, a new one for each session. */
public final class TensorBoardLog implements ProgressListener, AutoCloseable {
  private final Path folder;
  private final ObjectMapper json = new ObjectMapper();
  private EventFile file;

  /** A log below the folder of a run, which is there when the first step is logged. */
  public TensorBoardLog(Path run) {
    this.folder = run.resolve(RunEvents.FOLDER);
  }

  @Override
  public void logged(StepMetrics metrics) {
    long now = System.currentTimeMillis();
    if (file == null) {
      file = EventFile.create(folder, now);
    }
    var numbers = FlatNumbers.of(json.valueToTree(metrics.fields()));
    file.scalars(now, metrics.step(), RunEvents.tags(numbers));
  }

  @Override
  public void close() {
    if (file != null) {
      file.close();
    }
  }
}
