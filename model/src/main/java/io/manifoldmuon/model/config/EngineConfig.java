package io.manifoldmuon.model.config;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Section {@code engine}: what computes.
 *
 * @param name one of {@link #NAMES}; {@code auto} chooses and says why, any other is used or fails
 * @param device {@code driver:device}, as {@code muon devices} lists them; null is the engine's
 *     first
 * @param threads CPU threads; 0 is one for each processor
 */
public record EngineConfig(String name, String device, int threads) {
  /** The engines that can be named. */
  public static final List<String> NAMES =
      List.of("auto", "cpu", "reference", "tornado", "emulator");

  private static final Pattern DEVICE = Pattern.compile("\\d{1,4}:\\d{1,4}");

  public EngineConfig {
    Require.oneOf("engine.name", name, NAMES);
    if (device != null && !DEVICE.matcher(device).matches()) {
      throw ConfigException.of(
          "engine.device", device, "driver:device in numbers, such as 0:1, or null for the first");
    }
    Require.range("engine.threads", threads, 0, 1024);
  }
}
