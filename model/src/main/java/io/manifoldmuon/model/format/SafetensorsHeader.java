package io.manifoldmuon.model.format;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A checked header: the tensors in the order of their data, which they cover without hole or
 * overlap.
 *
 * @param metadata the texts of {@code __metadata__}
 * @param tensors by name, in the order of their data
 */
record SafetensorsHeader(Map<String, String> metadata, Map<String, TensorInfo> tensors) {
  /** The longest header that is read or written, as in the format's own library. */
  static final long LONGEST = 100_000_000;

  /** The name that stands for the texts and cannot be a tensor's. */
  static final String METADATA = "__metadata__";

  /**
   * The header of entries that each fit their own offsets.
   *
   * @param dataBytes the bytes that follow the header in the file
   */
  static SafetensorsHeader checked(
      Path file, Map<String, String> metadata, Map<String, TensorInfo> entries, long dataBytes) {
    List<Map.Entry<String, TensorInfo>> order = new ArrayList<>(entries.entrySet());
    order.sort(
        Comparator.comparingLong((Map.Entry<String, TensorInfo> e) -> e.getValue().offset())
            .thenComparingLong(e -> e.getValue().bytes()));
    Map<String, TensorInfo> tensors = new LinkedHashMap<>();
    long end = 0;
    String before = "the start of the data";
    for (Map.Entry<String, TensorInfo> entry : order) {
      TensorInfo tensor = entry.getValue();
      String name = "tensor " + FormatException.quote(entry.getKey());
      if (tensor.offset() > dataBytes || tensor.bytes() > dataBytes - tensor.offset()) {
        throw new FormatException(
            file,
            name
                + " ends at byte "
                + (tensor.offset() + tensor.bytes())
                + " of the data, but the file has "
                + dataBytes
                + " bytes of data; the file is truncated or its header wrong");
      }
      if (tensor.offset() != end) {
        boolean overlap = tensor.offset() < end;
        throw new FormatException(
            file,
            name
                + " begins at byte "
                + tensor.offset()
                + " of the data, "
                + (overlap ? "an overlap with " : "a hole after ")
                + before
                + ", which ends at "
                + end);
      }
      end = tensor.offset() + tensor.bytes();
      before = name;
      tensors.put(entry.getKey(), tensor);
    }
    if (end != dataBytes) {
      throw new FormatException(
          file,
          "the tensors end at byte "
              + end
              + " of the data, but the file has "
              + dataBytes
              + " bytes of data; "
              + (dataBytes - end)
              + " bytes at the end belong to no tensor");
    }
    return new SafetensorsHeader(
        Collections.unmodifiableMap(metadata), Collections.unmodifiableMap(tensors));
  }
}
