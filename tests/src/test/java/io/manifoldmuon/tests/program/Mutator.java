package io.manifoldmuon.tests.program;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Damages bytes in the ways that disks, networks and people do; the same seed, the same damage. */
final class Mutator {
  private static final int MOST_CHANGES = 4;
  private static final int LONGEST_PIECE = 64;
  private static final int MANY = 2000;

  private static final Pattern NUMBER = Pattern.compile("-?\\d+(\\.\\d+)?");

  private static final List<String> NUMBERS =
      List.of(
          "0",
          "-1",
          "1",
          "2147483647",
          "2147483648",
          "-2147483648",
          "9223372036854775807",
          "18446744073709551616",
          "1e308",
          "1e999",
          "-0.0",
          "NaN",
          ".inf",
          "null",
          "0x10",
          "1_000",
          "99999999999999999999999999999999",
          "\"7\"",
          "[]",
          "{}",
          "true",
          "~",
          "٣");

  private static final List<String> PIECES =
      List.of(
          "\0",
          "\uFEFF",
          "\n",
          "\r\n",
          "\t",
          "{",
          "}",
          "[",
          "]",
          ":",
          ",",
          "\"",
          "'",
          "\\",
          "&a *a",
          "<<: *x",
          "!!java.net.URL [x]",
          "!!binary aGk=",
          "../../",
          "%",
          "${jndi}",
          "<script>",
          "\u001B[2J",
          "é",
          "𝄞",
          "--- ",
          "... ",
          "? ",
          "- ",
          "# ",
          "|",
          ">",
          "@",
          "`",
          "null",
          "NaN",
          "[[[[[[[[[[[[[[[[[[[[",
          "{a: {a: {a: {a: {a: {a: ");

  private final SplittableRandom random;

  Mutator(long seed) {
    this.random = new SplittableRandom(seed);
  }

  /** A number below {@code bound}, for other choices of the same case. */
  int below(int bound) {
    return random.nextInt(bound);
  }

  /** The damaged bytes; {@code other} is a file to take pieces from. */
  byte[] mutate(byte[] good, byte[] other) {
    byte[] bytes = good.clone();
    int changes = 1 + random.nextInt(MOST_CHANGES);
    for (int i = 0; i < changes; i++) {
      bytes = change(bytes, other);
    }
    return bytes;
  }

  private byte[] change(byte[] x, byte[] other) {
    int at = x.length == 0 ? 0 : random.nextInt(x.length);
    int length = Math.min(x.length - at, 1 + random.nextInt(LONGEST_PIECE));
    return switch (random.nextInt(13)) {
      case 0 -> flipped(x, at);
      case 1 -> set(x, at, (byte) random.nextInt(256));
      case 2 -> set(x, at, (byte) (random.nextBoolean() ? 0 : 0xFF));
      case 3 -> Arrays.copyOf(x, at);
      case 4 -> joined(x, 0, at, new byte[0], at + length);
      case 5 -> joined(x, 0, at + length, Arrays.copyOfRange(x, at, at + length), at + length);
      case 6 -> joined(x, 0, at, randomBytes(length), at);
      case 7 -> joined(x, 0, at, piece(other), at + length);
      case 8 -> joined(x, 0, at, text(PIECES), at);
      case 9, 10 -> number(x);
      case 11 -> joined(x, 0, at, repeated(Arrays.copyOfRange(x, at, at + length)), at);
      default -> early(x);
    };
  }

  private byte[] flipped(byte[] x, int at) {
    return x.length == 0 ? x : set(x, at, (byte) (x[at] ^ 1 << random.nextInt(8)));
  }

  private static byte[] set(byte[] x, int at, byte value) {
    byte[] y = x.clone();
    if (y.length > 0) {
      y[at] = value;
    }
    return y;
  }

  /** x[from … to), then the piece, then x[rest …). */
  private static byte[] joined(byte[] x, int from, int to, byte[] piece, int rest) {
    var y = new ByteArrayOutputStream();
    y.write(x, from, to - from);
    y.writeBytes(piece);
    y.write(x, rest, x.length - rest);
    return y.toByteArray();
  }

  private byte[] randomBytes(int length) {
    byte[] y = new byte[length];
    random.nextBytes(y);
    return y;
  }

  private byte[] piece(byte[] other) {
    if (other.length == 0) {
      return other;
    }
    int at = random.nextInt(other.length);
    return Arrays.copyOfRange(
        other, at, Math.min(other.length, at + 1 + random.nextInt(LONGEST_PIECE)));
  }

  private byte[] text(List<String> texts) {
    return texts.get(random.nextInt(texts.size())).getBytes(StandardCharsets.UTF_8);
  }

  private byte[] repeated(byte[] piece) {
    var y = new ByteArrayOutputStream();
    int times = 1 + random.nextInt(MANY);
    for (int i = 0; i < times; i++) {
      y.writeBytes(piece);
    }
    return y.toByteArray();
  }

  /** Another number in place of one that is written as text. */
  private byte[] number(byte[] x) {
    String s = new String(x, StandardCharsets.ISO_8859_1);
    List<MatchResult> found = new ArrayList<>(NUMBER.matcher(s).results().limit(MANY).toList());
    if (found.isEmpty()) {
      return x;
    }
    MatchResult one = found.get(random.nextInt(found.size()));
    return joined(x, 0, one.start(), text(NUMBERS), one.end());
  }

  /** A change in the first bytes, where formats have their lengths and magic numbers. */
  private byte[] early(byte[] x) {
    int at = x.length == 0 ? 0 : random.nextInt(Math.min(16, x.length));
    return set(x, at, (byte) random.nextInt(256));
  }
}
