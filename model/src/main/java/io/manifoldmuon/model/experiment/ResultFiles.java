package io.manifoldmuon.model.experiment;

import io.manifoldmuon.model.format.FormatException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Removing the files of an experiment, and the cells of its tables. */
final class ResultFiles {
  private ResultFiles() {}

  /** Removes a file or a folder with all that is in it, if it is there; links are not followed. */
  static void remove(Path path) {
    if (!Files.exists(path, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try {
      List<Path> all;
      try (Stream<Path> walk = Files.walk(path)) {
        all = walk.sorted(Comparator.reverseOrder()).toList();
      }
      for (Path p : all) {
        Files.delete(p);
      }
    } catch (IOException e) {
      throw new FormatException(path, "cannot be removed: " + e.getMessage(), e);
    }
  }

  /** A value for a file of comma-separated values. */
  static String csv(String text) {
    return text.matches("[^\",\\n\\r]*") ? text : '"' + text.replace("\"", "\"\"") + '"';
  }

  /** A number for such a file: whole ones without a point, none where it is not known. */
  static String csv(double x) {
    if (Double.isNaN(x)) {
      return "";
    }
    return x == Math.rint(x) && Math.abs(x) < 1e15 ? Long.toString((long) x) : Double.toString(x);
  }

  static void closeQuietly(Closeable file) {
    if (file != null) {
      try {
        file.close();
      } catch (IOException e) {
        // Nothing was written through it, and the failure that led here is the one to report.
      }
    }
  }
}
