package io.manifoldmuon.linalg.engine;

/**
 * How to open an engine.
 *
 * @param threads worker threads, 0 for all available processors
 * @param device which device of the engine, empty for its default
 */
public record EngineOptions(int threads, String device) {

  public EngineOptions {
    if (threads < 0 || threads > 1024) {
      throw new IllegalArgumentException(
          "EngineOptions: threads " + threads + " given, wanted 0 (all) to 1024");
    }
  }

  /** All processors, the default device. */
  public static EngineOptions defaults() {
    return new EngineOptions(0, "");
  }

  /** The number of threads to start. */
  public int resolvedThreads() {
    return threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
  }
}
