package io.manifoldmuon.model.config;

import io.manifoldmuon.linalg.UserException;
import java.util.Optional;

/**
 * A configuration that cannot be used; the message names the key, its value and what is allowed.
 */
public final class ConfigException extends UserException {
  private static final long serialVersionUID = 1L;

  private final String key;

  /** A problem of the configuration as a whole, not of one key. */
  public ConfigException(String message) {
    this(null, "config: " + message);
  }

  private ConfigException(String key, String message) {
    super(message);
    this.key = key;
  }

  /**
   * The value of one key is not allowed.
   *
   * @param key dotted, {@code train.steps}
   * @param value as given; null prints as {@code null}
   * @param must completes "but it must be …"
   */
  public static ConfigException of(String key, Object value, String must) {
    return new ConfigException(
        key, "config: " + key + " is " + Excerpt.of(value) + ", but it must be " + must);
  }

  /** The key whose value is not allowed, dotted; empty when the problem is not one key's. */
  public Optional<String> key() {
    return Optional.ofNullable(key);
  }

  /** The same problem, with the place that set the value at the end of the sentence. */
  ConfigException from(String origin) {
    var e = new ConfigException(key, getMessage() + " (set by " + origin + ")");
    e.setStackTrace(getStackTrace());
    return e;
  }
}
