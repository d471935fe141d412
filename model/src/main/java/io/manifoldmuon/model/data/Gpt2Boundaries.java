package io.manifoldmuon.model.data;

/**
 * Places where text may be cut without changing its GPT-2 encoding.
 *
 * <p>The encoder first splits text by the pattern {@code '(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+|
 * ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+}, then encodes each piece alone. Call a character a letter (L), a
 * number (N), white space (S) or a sign (P, the rest). No piece goes on from L or N to another
 * class, nor from P to S. So a cut after L or N before another class, or after P before S, is
 * always the end of a piece; since the pattern never looks back, and looks ahead only from white
 * space, both sides are split as they are in the whole text.
 */
final class Gpt2Boundaries {
  private enum Kind {
    LETTER,
    NUMBER,
    SPACE,
    SIGN
  }

  private Gpt2Boundaries() {}

  /** The last safe cut at an index of at least {@code from}, or 0 when there is none. */
  static int lastCut(CharSequence text, int from) {
    for (int i = text.length() - 1; i >= Math.max(from, 1); i--) {
      if (safe(text, i)) {
        return i;
      }
    }
    return 0;
  }

  /** The start of the last code point of a text of at least two characters. */
  static int lastCodePoint(CharSequence text) {
    return Character.offsetByCodePoints(text, text.length(), -1);
  }

  private static boolean safe(CharSequence text, int index) {
    char next = text.charAt(index);
    boolean halfRead = Character.isHighSurrogate(next) && index + 1 == text.length();
    if (halfRead || Character.isLowSurrogate(next)) {
      return false;
    }
    Kind before = kind(Character.codePointBefore(text, index));
    Kind after = kind(Character.codePointAt(text, index));
    return switch (before) {
      case LETTER, NUMBER -> after != before;
      case SIGN -> after == Kind.SPACE;
      case SPACE -> false;
    };
  }

  private static Kind kind(int c) {
    return switch (Character.getType(c)) {
      case Character.UPPERCASE_LETTER,
          Character.LOWERCASE_LETTER,
          Character.TITLECASE_LETTER,
          Character.MODIFIER_LETTER,
          Character.OTHER_LETTER ->
          Kind.LETTER;
      case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER ->
          Kind.NUMBER;
      case Character.SPACE_SEPARATOR, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR ->
          Kind.SPACE;
      default -> (c >= 0x9 && c <= 0xD) || c == 0x85 ? Kind.SPACE : Kind.SIGN;
    };
  }
}
