package io.manifoldmuon.model.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Assumptions;

/** Real and random text for tests. */
final class TestTexts {
  private TestTexts() {}

  /** A source file of the running JDK, as {@code java.base/java/lang/String.java}. */
  static String jdkSource(String name) throws IOException {
    Path sources = Path.of(System.getProperty("java.home"), "lib", "src.zip");
    Assumptions.assumeTrue(Files.isReadable(sources), "this JDK ships no lib/src.zip");
    try (var zip = new ZipFile(sources.toFile());
        InputStream in = zip.getInputStream(zip.getEntry(name))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** Text that mixes classes of characters at random, surrogate pairs and contractions included. */
  static String random(long seed, int pieces) {
    String[] parts = {
      "a",
      "Z",
      "é",
      "漢",
      "字",
      "𠀀",
      "😀",
      "न",
      "ि",
      "1",
      "٣",
      "Ⅷ",
      "½",
      " ",
      " ",
      "  ",
      "\n",
      "\r\n",
      "\t",
      "\u00A0",
      "\u2003",
      "\u3000",
      "\u0085",
      "\u200B",
      "'",
      "'s",
      "'ll",
      "'T",
      "’",
      ".",
      "!",
      "_",
      "<|endoftext|>",
      "ß"
    };
    var random = new Random(seed);
    var text = new StringBuilder();
    for (int i = 0; i < pieces; i++) {
      text.append(parts[random.nextInt(parts.length)]);
    }
    return text.toString();
  }

  /** The file name where this JVM can write it, else (in the C locale) {@code ascii}. */
  static String fileName(String unicode, String ascii) {
    try {
      return Path.of(unicode).toString();
    } catch (InvalidPathException e) {
      return ascii;
    }
  }

  static Path write(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  static Path zip(Path file, Map<String, byte[]> entries) throws IOException {
    try (var zip = new ZipOutputStream(Files.newOutputStream(file))) {
      for (var entry : entries.entrySet()) {
        zip.putNextEntry(new ZipEntry(entry.getKey()));
        zip.write(entry.getValue());
      }
    }
    return file;
  }

  /** Entries from name, text, name, text, … */
  static Map<String, byte[]> entries(String... namesAndTexts) {
    var entries = new LinkedHashMap<String, byte[]>();
    for (int i = 0; i < namesAndTexts.length; i += 2) {
      entries.put(namesAndTexts[i], namesAndTexts[i + 1].getBytes(StandardCharsets.UTF_8));
    }
    return entries;
  }

  /** Tokens in memory, of any ids below 65536. */
  static Tokens tokens(String name, int... ids) {
    var builder = new TokenBuilder(name, 1 << 16);
    builder.accept(ids, 0, ids.length);
    return builder.build();
  }

  static int[] all(Tokens tokens) {
    var ids = new int[Math.toIntExact(tokens.size())];
    tokens.copy(0, ids, 0, ids.length);
    return ids;
  }
}
