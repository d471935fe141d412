package io.manifoldmuon.model.data;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.PatternSyntaxException;
import java.util.zip.ZipFile;

/** What a {@code data.path} leads to: text, or token shards. */
sealed interface Source {
  /** Documents of text. */
  record Text(Corpus corpus) implements Source {}

  /** Token shards, in order. */
  record TokenFiles(String name, List<Path> files) implements Source {}

  /**
   * Resolves a file, folder, zip, glob, or several of them joined by commas.
   *
   * <p>A path that exists is taken literally, whatever characters it has. Files and folders whose
   * names start with a dot are left out of folders and globs.
   */
  static Source of(String path) {
    var found = new Finder();
    try {
      found.add(path);
      return found.source(path);
    } catch (RuntimeException e) {
      found.closeArchives();
      throw e;
    }
  }

  /** Collects what paths lead to. */
  final class Finder {
    private static final String GLOB_CHARACTERS = "*?[{";

    private final List<Document> documents = new ArrayList<>();
    private final List<Path> shards = new ArrayList<>();
    private final List<ZipFile> archives = new ArrayList<>();

    private Finder() {}

    private void add(String given) {
      Path path = path(given);
      if (Files.isDirectory(path)) {
        addTree(path, given, null, Integer.MAX_VALUE);
      } else if (Files.exists(path)) {
        addFile(path, path.getFileName().toString(), true);
      } else if (parts(given).size() > 1) {
        parts(given).forEach(this::add);
      } else if (isGlob(given)) {
        addGlob(given);
      } else {
        throw new DataException(
            Sentence.of("data: %s: no such file or folder; check data.path", given));
      }
    }

    private void addFile(Path path, String name, boolean named) {
      if (hasExtension(path, ".bin")) {
        shards.add(path);
      } else if (named && (hasExtension(path, ".zip") || hasExtension(path, ".jar"))) {
        ZipFile archive = Archives.open(path);
        archives.add(archive);
        documents.addAll(Archives.documents(archive));
      } else {
        documents.add(new Document.OfFile(name, path, size(path)));
      }
    }

    private void addGlob(String given) {
      int first = firstGlobCharacter(given);
      int slash = given.lastIndexOf('/', first);
      Path base = path(slash < 0 ? "." : given.substring(0, slash + 1));
      if (!Files.isDirectory(base)) {
        throw new DataException(Sentence.of("data: %s: there is no folder %s", given, base));
      }
      String pattern = given.substring(slash + 1);
      int depth = pattern.contains("**") ? Integer.MAX_VALUE : pattern.split("/", -1).length;
      if (!pattern.contains("{")) {
        pattern = pattern.replace("**/", "{**/,}"); // so that **/ also stands for no folder
      }
      try {
        addTree(base, given, base.getFileSystem().getPathMatcher("glob:" + pattern), depth);
      } catch (PatternSyntaxException e) {
        throw new DataException(
            Sentence.of("data: %s is no valid glob (%s)", given, e.getDescription()), e);
      }
    }

    /**
     * Adds the files at most {@code depth} levels under {@code base}: all, or those whose relative
     * path matches.
     */
    private void addTree(Path base, String given, PathMatcher matcher, int depth) {
      List<Path> files = new ArrayList<>();
      try {
        Files.walkFileTree(base, Set.of(), depth, new Walk(base, matcher, files));
      } catch (FileSystemException e) {
        throw DataException.of("read the folder", e.getFile() == null ? base : e.getFile(), e);
      } catch (IOException e) {
        throw DataException.of("read the folder", base, e);
      }
      if (files.isEmpty()) {
        String what = matcher == null ? "the folder has no files" : "the glob matches no files";
        throw new DataException(Sentence.of("data: %s: %s; check data.path", given, what));
      }
      boolean onlyShards = files.stream().allMatch(f -> hasExtension(f, ".bin"));
      files.sort(Comparator.comparing(f -> relativeName(base, f)));
      for (Path file : files) {
        if (onlyShards || matcher != null || !hasExtension(file, ".bin")) {
          addFile(file, relativeName(base, file), matcher != null);
        }
      }
    }

    private Source source(String given) {
      if (!shards.isEmpty() && !documents.isEmpty()) {
        throw new DataException(
            Sentence.of(
                "data: %s has both text and .bin token shards; give one or the other", given));
      }
      return shards.isEmpty()
          ? new Text(Corpus.ofDocuments(given, documents, archives))
          : new TokenFiles(given, List.copyOf(shards));
    }

    private void closeArchives() {
      Corpus.ofDocuments("", List.of(), archives).close();
    }

    private static long size(Path file) {
      try {
        return Files.size(file);
      } catch (IOException e) {
        throw DataException.of("read", file, e);
      }
    }

    /** What the commas outside of braces separate. */
    private static List<String> parts(String given) {
      var parts = new ArrayList<String>();
      int depth = 0;
      int start = 0;
      for (int i = 0; i <= given.length(); i++) {
        char c = i < given.length() ? given.charAt(i) : ',';
        depth += c == '{' ? 1 : c == '}' ? -1 : 0;
        if (i == given.length() || (c == ',' && depth <= 0)) {
          parts.add(given.substring(start, i).strip());
          start = i + 1;
        }
      }
      parts.removeIf(String::isEmpty);
      return parts;
    }

    private static boolean isGlob(String given) {
      return firstGlobCharacter(given) < given.length();
    }

    private static int firstGlobCharacter(String given) {
      int i = 0;
      while (i < given.length() && GLOB_CHARACTERS.indexOf(given.charAt(i)) < 0) {
        i++;
      }
      return i;
    }

    private static boolean hasExtension(Path file, String extension) {
      return file.getFileName().toString().toLowerCase(Locale.ROOT).endsWith(extension);
    }

    private static String relativeName(Path base, Path file) {
      return base.relativize(file).toString().replace('\\', '/');
    }

    private static Path path(String given) {
      try {
        return Path.of(given);
      } catch (InvalidPathException e) {
        throw new DataException(
            Sentence.of("data: %s is no path on this system (%s)", given, e.getReason()), e);
      }
    }
  }

  /** Collects the regular files of a tree that are not hidden; does not follow links to folders. */
  final class Walk extends SimpleFileVisitor<Path> {
    private final Path base;
    private final PathMatcher matcher;
    private final List<Path> files;

    private Walk(Path base, PathMatcher matcher, List<Path> files) {
      this.base = base;
      this.matcher = matcher;
      this.files = files;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
      return !folder.equals(base) && hidden(folder)
          ? FileVisitResult.SKIP_SUBTREE
          : FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      if (!hidden(file)
          && Files.isRegularFile(file)
          && (matcher == null || matcher.matches(base.relativize(file)))) {
        files.add(file);
      }
      return FileVisitResult.CONTINUE;
    }

    private static boolean hidden(Path path) {
      return path.getFileName().toString().startsWith(".");
    }
  }
}
