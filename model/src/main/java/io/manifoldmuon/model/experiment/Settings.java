package io.manifoldmuon.model.experiment;

import io.manifoldmuon.model.config.ConfigBuilder;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Keys of a run's configuration with their values, as {@code --set} has them, in order.
 *
 * @param values by dotted key
 * @param origin the place that gave them, for messages
 */
public record Settings(Map<String, String> values, String origin) {
  /** No settings. */
  static final Settings NONE = new Settings(Map.of(), "");

  public Settings {
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }

  /** These with others over them. */
  Settings plus(Settings later) {
    Map<String, String> all = new LinkedHashMap<>(values);
    all.putAll(later.values);
    String both = origin.isEmpty() || later.origin.isEmpty() ? "" : " and ";
    return new Settings(all, origin + both + later.origin);
  }

  /** Puts them over a configuration, as a layer of their own. */
  void over(ConfigBuilder config) {
    config.layer();
    values.forEach((key, value) -> config.setting(origin, key, value));
  }

  /** As words: {@code optimizer.type=muon; train.grad_clip=0}. */
  String words() {
    return values.entrySet().stream()
        .map(e -> e.getKey() + "=" + e.getValue())
        .collect(Collectors.joining("; "));
  }
}
