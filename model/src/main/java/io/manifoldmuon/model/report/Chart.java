package io.manifoldmuon.model.report;

import java.util.List;
import java.util.Map;

/**
 * A drawing of numbers over a run, in words and lines; the page's style sheet gives the colours.
 */
sealed interface Chart permits LineChart, StackChart, HeatMap {

  /** The name of its file and element, of letters, digits and hyphens. */
  String id();

  /** What it shows. */
  String title();

  /** The unit of the values, or what their scale is. */
  String unit();

  /** One sentence on how to read it; empty for none. */
  String note();

  /** What the colours mean. */
  List<Key> legend();

  /** Draws axes and marks into a space of this size. */
  void draw(Svg svg, int width, int height);

  /** The values for the reader's pointer, as plain lists and maps of a fixed shape. */
  Map<String, Object> values(int width, int height);

  /**
   * An entry of the legend.
   *
   * @param style the class of the mark
   * @param name what it stands for
   */
  record Key(String style, String name) {}
}
