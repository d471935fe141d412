package io.manifoldmuon.model.report;

/** Text that is written into HTML and SVG. */
final class Markup {
  private Markup() {}

  /**
   * Text as HTML, inside an element or a quoted attribute; characters that a page cannot hold
   * become U+FFFD.
   */
  static String escape(String text) {
    StringBuilder s = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '&' -> s.append("&amp;");
                case '<' -> s.append("&lt;");
                case '>' -> s.append("&gt;");
                case '"' -> s.append("&quot;");
                case '\'' -> s.append("&#39;");
                case '\n', '\t' -> s.appendCodePoint(c);
                default -> s.appendCodePoint(shown(c) ? c : 0xFFFD);
              }
            });
    return s.toString();
  }

  /** No control characters, lone surrogates, or marks that turn the direction of other text. */
  private static boolean shown(int c) {
    boolean surrogate = c >= 0xD800 && c <= 0xDFFF;
    boolean noCharacter = (c & 0xFFFE) == 0xFFFE || (c >= 0xFDD0 && c <= 0xFDEF);
    boolean turning = (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
    return !Character.isISOControl(c) && !surrogate && !noCharacter && !turning;
  }
}
