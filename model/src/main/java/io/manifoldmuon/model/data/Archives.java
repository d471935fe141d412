package io.manifoldmuon.model.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** Zip and jar files as documents. Nothing is unpacked to disk; entry names are only labels. */
final class Archives {
  private Archives() {}

  /** Opens a zip or jar file. */
  static ZipFile open(Path file) {
    try {
      return new ZipFile(file.toFile());
    } catch (ZipException e) {
      throw new DataException(
          Sentence.of(
              "read %s: not a zip file, or a damaged one (%s); wanted a zip or jar " + "file",
              file, e.getMessage()),
          e);
    } catch (IOException e) {
      throw DataException.of("read", file, e);
    }
  }

  /** The files in the archive that are not hidden, sorted by name. */
  static List<Document> documents(ZipFile archive) {
    var documents = new ArrayList<Document>();
    for (var entries = archive.entries(); entries.hasMoreElements(); ) {
      var entry = entries.nextElement();
      if (entry.getSize() < 0) {
        throw new DataException(
            Sentence.of(
                "read %s: entry %s states no size; the archive is damaged",
                archive.getName(), entry.getName()));
      }
      if (!entry.isDirectory() && !hidden(entry.getName())) {
        documents.add(new Document.OfArchive(archive, entry));
      }
    }
    documents.sort(Comparator.comparing(Document::name));
    return documents;
  }

  private static boolean hidden(String name) {
    for (String part : name.split("/", -1)) {
      boolean relative = part.equals(".") || part.equals("..");
      if (part.equals("__MACOSX") || (part.startsWith(".") && !relative)) {
        return true;
      }
    }
    return false;
  }
}
