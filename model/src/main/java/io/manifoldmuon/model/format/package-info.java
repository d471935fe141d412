/**
 * The safetensors file format: a checked, memory-mapped reader and an atomic, streaming writer.
 *
 * <p>A file is the length of the header (8 bytes, unsigned, little-endian), the header in JSON, and
 * the data of the tensors, without holes, row-major and little-endian:
 *
 * <pre>{@code
 * {"__metadata__": {"key": "text"},
 *  "embed.weight": {"dtype": "F32", "shape": [256, 128], "data_offsets": [0, 131072]}}
 * }</pre>
 */
package io.manifoldmuon.model.format;
