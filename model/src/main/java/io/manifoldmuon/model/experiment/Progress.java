package io.manifoldmuon.model.experiment;

/** Hears how an experiment goes on; the calls come one at a time. */
public interface Progress {
  /** A run is begun, or gone on with. */
  void begun(Task task);

  /**
   * A run is over.
   *
   * @param over how many are, of those asked for
   * @param wanted how many were asked for
   * @param loss NaN if it diverged
   */
  void over(Task task, int over, int wanted, double loss, double seconds);

  /**
   * A run failed.
   *
   * @param why with the place of its log
   */
  void failed(Task task, String why);

  /** Something worth knowing. */
  void notice(String text);
}
