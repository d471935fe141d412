package io.manifoldmuon.model.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The numbers of a chart that {@code report.js} shows at the pointer. */
final class HoverValues {
  private static final MathContext DIGITS = new MathContext(5);

  private HoverValues() {}

  /** Where the horizontal axis lies in the drawing. */
  static Map<String, Object> axis(String name, Axis x) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("name", name);
    fields.put("low", x.low());
    fields.put("high", x.high());
    fields.put("from", x.from());
    fields.put("to", x.to());
    if (x.logarithmic()) {
      fields.put("log", true);
    }
    return fields;
  }

  /** A curve. */
  static Map<String, Object> series(String name, String style, Series s) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("name", name);
    fields.put("style", style);
    fields.put("x", numbers(s.x()));
    fields.put("y", numbers(s.y()));
    return fields;
  }

  /** Numbers to five digits. */
  static List<BigDecimal> numbers(double[] x) {
    List<BigDecimal> rounded = new ArrayList<>();
    for (double v : x) {
      rounded.add(new BigDecimal(v, DIGITS));
    }
    return rounded;
  }
}
