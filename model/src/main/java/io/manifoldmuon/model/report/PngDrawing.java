package io.manifoldmuon.model.report;

import io.manifoldmuon.model.format.AtomicFile;
import io.manifoldmuon.model.format.FormatException;
import java.awt.GraphicsEnvironment;
import java.io.ByteArrayOutputStream;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.batik.transcoder.TranscoderException;
import org.apache.batik.transcoder.TranscoderInput;
import org.apache.batik.transcoder.TranscoderOutput;
import org.apache.batik.transcoder.image.PNGTranscoder;

/** Charts as PNG files, in the light colours, for what cannot show SVG. */
final class PngDrawing {
  private static final Pattern COLOUR = Pattern.compile("(--\\w+): (#\\w+);");

  private PngDrawing() {}

  /**
   * Writes a chart.
   *
   * @param width in pixels; the height follows
   * @throws FormatException if it cannot be written, or this machine has no fonts to draw with
   */
  static void write(Chart chart, int width, Path file) {
    requireFonts(file);
    PNGTranscoder transcoder = new PNGTranscoder();
    double scale = width / (double) ChartMarkup.FILE_WIDTH;
    float height = Math.round(ChartMarkup.fileHeight(chart) * scale);
    transcoder.addTranscodingHint(PNGTranscoder.KEY_WIDTH, (float) width);
    transcoder.addTranscodingHint(PNGTranscoder.KEY_HEIGHT, height);
    var png = new ByteArrayOutputStream();
    try {
      transcoder.transcode(
          new TranscoderInput(new StringReader(plain(ChartMarkup.file(chart)))),
          new TranscoderOutput(png));
    } catch (TranscoderException e) {
      throw new FormatException(file, "cannot be drawn: " + e.getMessage(), e);
    }
    AtomicFile.write(file, png.toByteArray());
  }

  /** CSS without variables and media queries, with the colours that stand first: the light ones. */
  static String plain(String svg) {
    int root = svg.indexOf(":root");
    int rules = svg.indexOf("svg text {");
    String colours = svg.substring(root, svg.indexOf('}', root));
    String plain = svg.substring(0, root) + svg.substring(rules);
    Matcher m = COLOUR.matcher(colours);
    while (m.find()) {
      plain = plain.replace("var(" + m.group(1) + ")", m.group(2));
    }
    return plain;
  }

  private static void requireFonts(Path file) {
    boolean any;
    try {
      any =
          GraphicsEnvironment.getLocalGraphicsEnvironment().getAvailableFontFamilyNames().length
              > 0;
    } catch (InternalError | RuntimeException e) { // how the JDK says that it found none
      throw noFonts(file, e);
    }
    if (!any) {
      throw noFonts(file, null);
    }
  }

  private static FormatException noFonts(Path file, Throwable cause) {
    return new FormatException(
        file,
        "cannot be drawn, because this machine has no fonts; install some, such as DejaVu with"
            + " fontconfig, or take the SVG files",
        cause);
  }
}
