package io.manifoldmuon.model.format;

import io.manifoldmuon.linalg.UserException;
import java.nio.file.Path;

/**
 * A file that is not what its format says; the message has the file, what is there, what should.
 */
public class FormatException extends UserException {
  private static final long serialVersionUID = 1L;
  private static final int LONGEST_NAME = 80;

  /**
   * A problem with {@code file}.
   *
   * @param problem what was found and what was wanted
   */
  public FormatException(Path file, String problem) {
    super(file + ": " + problem);
  }

  /** As above, with the exception that told of it. */
  public FormatException(Path file, String problem, Throwable cause) {
    super(file + ": " + problem, cause);
  }

  /** A name from a file in quotes, on one line, cut after 80 characters. */
  static String quote(String name) {
    StringBuilder text = new StringBuilder("'");
    name.chars()
        .limit(LONGEST_NAME)
        .forEach(c -> text.append(Character.isISOControl(c) ? '?' : (char) c));
    return text.append(name.length() > LONGEST_NAME ? "…'" : "'").toString();
  }
}
