package io.manifoldmuon.model.config;

import java.util.LinkedHashMap;
import java.util.Map;

/** The settings that one source gives, by dotted key; a later one replaces an earlier one. */
final class Layer {
  /**
   * A value with the place it came from.
   *
   * @param value of the key's type, or null
   * @param origin for messages: {@code run.yaml line 3}, {@code --set train.steps=5}
   */
  record Setting(Object value, String origin) {}

  private final Map<String, Setting> settings = new LinkedHashMap<>();

  void put(String path, Object value, String origin) {
    settings.put(path, new Setting(value, origin));
  }

  Map<String, Setting> settings() {
    return settings;
  }

  /**
   * Puts {@code later} over this layer. A preset in {@code later} also removes what is given here
   * of the keys that it sets: whoever names a preset last wants its sizes, except for those given
   * beside it. Where it is of another family of models, what that family decides goes too.
   */
  void overrideWith(Layer later) {
    boolean anotherFamily =
        later.settings.containsKey(Defaults.MODEL_PRESET)
            && Defaults.family(later.settings) != Defaults.family(settings);
    Defaults.FOLLOWERS.forEach(
        (leader, followers) -> {
          if (later.settings.containsKey(leader)) {
            settings.keySet().removeAll(followers);
          }
        });
    if (anotherFamily) {
      settings.keySet().removeAll(Defaults.FOLLOWERS.get(Defaults.MODEL_TYPE));
    }
    settings.putAll(later.settings);
  }
}
