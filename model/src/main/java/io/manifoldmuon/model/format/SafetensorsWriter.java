package io.manifoldmuon.model.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes safetensors files: one tensor in memory at a time, atomically, always the same bytes for
 * the same content.
 *
 * <p>Tensors are ordered by falling element type and then by name, and texts by key, as the
 * format's own library orders them; the order of the arguments does not matter.
 */
public final class SafetensorsWriter {
  private static final int CHUNK = 1 << 20;
  private static final JsonFactory JSON = new JsonFactory();

  private SafetensorsWriter() {}

  /**
   * Writes {@code tensors} to {@code file}, which appears, or is replaced, only when everything is
   * written and on the disk; otherwise it stays as it was.
   *
   * @throws FormatException if the file cannot be written, a name is there twice, or a tensor's
   *     values do not fit its shape
   */
  public static void write(Path file, Map<String, String> metadata, List<TensorSource> tensors) {
    List<TensorSource> order = new ArrayList<>(tensors);
    order.sort(
        Comparator.comparing(TensorSource::dtype).reversed().thenComparing(TensorSource::name));
    Map<String, TensorInfo> infos = layOut(file, order);
    byte[] header = header(file, metadata, infos);
    AtomicFile.write(
        file,
        channel -> {
          ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
          chunk.putLong(header.length).flip();
          writeFully(channel, chunk);
          writeFully(channel, ByteBuffer.wrap(header));
          for (TensorSource tensor : order) {
            writeTensor(file, channel, chunk, tensor, infos.get(tensor.name()));
          }
        });
  }

  private static Map<String, TensorInfo> layOut(Path file, List<TensorSource> tensors) {
    Map<String, TensorInfo> infos = new LinkedHashMap<>();
    long offset = 0;
    for (TensorSource tensor : tensors) {
      String what = "tensor " + FormatException.quote(tensor.name());
      long[] shape = tensor.shape();
      long bytes;
      try {
        if (Arrays.stream(shape).anyMatch(dim -> dim < 0)) {
          throw new ArithmeticException("negative dimension");
        }
        bytes = tensor.dtype().bytes(TensorInfo.elements(shape));
        infos.merge(
            tensor.name(),
            new TensorInfo(tensor.dtype(), shape, offset, bytes),
            (one, two) -> {
              throw new FormatException(file, what + " is to be written twice, wanted once");
            });
        offset = Math.addExact(offset, bytes);
      } catch (ArithmeticException e) {
        throw new FormatException(
            file,
            what
                + " has shape "
                + Arrays.toString(shape)
                + " of "
                + tensor.dtype()
                + ", wanted dimensions of at least 0 and whole bytes below 2^63",
            e);
      }
    }
    if (infos.containsKey(SafetensorsHeader.METADATA)) {
      throw new FormatException(file, "a tensor named __metadata__, wanted any other name");
    }
    return infos;
  }

  private static byte[] header(
      Path file, Map<String, String> metadata, Map<String, TensorInfo> infos) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator out = JSON.createGenerator(bytes)) {
      out.writeStartObject();
      if (!metadata.isEmpty()) {
        out.writeObjectFieldStart(SafetensorsHeader.METADATA);
        for (Map.Entry<String, String> text : new TreeMap<>(metadata).entrySet()) {
          out.writeStringField(encodable(file, text.getKey()), encodable(file, text.getValue()));
        }
        out.writeEndObject();
      }
      for (Map.Entry<String, TensorInfo> entry : infos.entrySet()) {
        TensorInfo info = entry.getValue();
        long[] shape = info.shape();
        out.writeObjectFieldStart(encodable(file, entry.getKey()));
        out.writeStringField("dtype", info.dtype().name());
        out.writeFieldName("shape");
        out.writeArray(shape, 0, shape.length);
        out.writeFieldName("data_offsets");
        out.writeArray(new long[] {info.offset(), info.offset() + info.bytes()}, 0, 2);
        out.writeEndObject();
      }
      out.writeEndObject();
    } catch (IOException e) {
      throw new FormatException(file, "the header cannot be written: " + e.getMessage(), e);
    }
    while (bytes.size() % 8 != 0) {
      bytes.write(' ');
    }
    if (bytes.size() > SafetensorsHeader.LONGEST) {
      throw new FormatException(
          file,
          "a header of " + bytes.size() + " bytes, wanted at most " + SafetensorsHeader.LONGEST);
    }
    return bytes.toByteArray();
  }

  private static String encodable(Path file, String text) {
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw new FormatException(
          file, FormatException.quote(text) + " has half a surrogate pair, wanted Unicode text");
    }
    return text;
  }

  private static void writeTensor(
      Path file, FileChannel channel, ByteBuffer chunk, TensorSource tensor, TensorInfo info)
      throws IOException {
    MemorySegment values = tensor.values().get();
    if (values.byteSize() != info.bytes()) {
      throw new FormatException(
          file,
          "tensor "
              + FormatException.quote(tensor.name())
              + " gave "
              + values.byteSize()
              + " bytes, wanted "
              + info.bytes()
              + " for "
              + info.dtype()
              + Arrays.toString(info.shape()));
    }
    MemorySegment target = MemorySegment.ofBuffer(chunk.clear());
    for (long done = 0; done < info.bytes(); ) {
      int n = (int) Math.min(CHUNK, info.bytes() - done);
      if (info.dtype() == StoredType.F32) {
        MemorySegment.copy(values, Floats.HOST, done, target, Floats.FILE, 0, n / 4);
      } else {
        MemorySegment.copy(
            values, ValueLayout.JAVA_BYTE, done, target, ValueLayout.JAVA_BYTE, 0, n);
      }
      writeFully(channel, chunk.clear().limit(n));
      done += n;
    }
  }

  private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
