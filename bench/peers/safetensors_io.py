"""Reads and writes safetensors files with numpy alone.

Format: u64 little-endian header length; JSON {name: {dtype, shape, data_offsets},
"__metadata__": {strings}} padded with spaces to a multiple of 8; then the data, contiguous,
row-major, little-endian. Offsets count from the end of the header.
"""

import json
import os
import struct

import numpy as np

MAX_HEADER_BYTES = 100_000_000

# BF16 has no numpy type: it is read as uint16 and widened to float32.
_NUMPY_TYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2",
    "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "|i1",
    "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "|u1", "BOOL": "|b1",
}
_NAMES = {np.dtype(code): name for name, code in _NUMPY_TYPES.items() if name != "BF16"}


class FormatError(ValueError):
    """A file that is not valid safetensors; the message names the file and the fault."""


def read(path):
    """Returns ({name: array}, {metadata}), after checking all that the header claims."""
    with open(path, "rb") as file:
        content = file.read()
    header, data = _split(path, content)
    metadata = header.pop("__metadata__", {})
    ranges = sorted(
        (_range(path, name, entry, len(data)) + (name,) for name, entry in header.items())
    )
    end = 0
    for begin, stop, name in ranges:
        if begin != end:
            raise FormatError(f"{path}: {name} begins at {begin}, the tensor before ends at {end}")
        end = stop
    if end != len(data):
        raise FormatError(f"{path}: the tensors cover {end} of {len(data)} data bytes")
    tensors = {name: _tensor(entry, data) for name, entry in header.items()}
    return tensors, metadata


def write(path, tensors, metadata=None):
    """Writes {name: array} atomically: a temporary file beside `path` is renamed over it."""
    header, offset, arrays = {}, 0, []
    if metadata:
        header["__metadata__"] = {str(key): str(value) for key, value in metadata.items()}
    for name, value in tensors.items():
        # ascontiguousarray would turn a scalar into a vector of one.
        array = np.asarray(value, order="C")
        array = array.astype(array.dtype.newbyteorder("<"), copy=False)
        if array.dtype not in _NAMES:
            raise FormatError(f"{path}: tensor {name} has type {array.dtype}, which has no name")
        offsets = [offset, offset + array.nbytes]
        header[name] = {
            "dtype": _NAMES[array.dtype], "shape": list(array.shape), "data_offsets": offsets,
        }
        arrays.append(array)
        offset += array.nbytes
    text = json.dumps(header, separators=(",", ":")).encode("utf-8")
    text += b" " * (-len(text) % 8)
    temporary = f"{path}.{os.getpid()}.tmp"
    with open(temporary, "wb") as file:
        file.write(struct.pack("<Q", len(text)))
        file.write(text)
        for array in arrays:
            file.write(array.tobytes())
    os.replace(temporary, path)


def _split(path, content):
    if len(content) < 8:
        raise FormatError(f"{path}: {len(content)} bytes, at least 8 wanted")
    (length,) = struct.unpack("<Q", content[:8])
    if length > MAX_HEADER_BYTES or 8 + length > len(content):
        raise FormatError(f"{path}: header of {length} bytes in a file of {len(content)}")
    try:
        header = json.loads(content[8 : 8 + length], object_pairs_hook=_object_without_duplicates)
    except ValueError as error:
        raise FormatError(f"{path}: the header is not valid JSON: {error}") from error
    if not isinstance(header, dict):
        raise FormatError(f"{path}: the header is not a JSON object")
    return header, memoryview(content)[8 + length :]


def _object_without_duplicates(pairs):
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("duplicate keys")
    return result


def _range(path, name, entry, data_bytes):
    try:
        begin, end = entry["data_offsets"]
        shape, dtype = entry["shape"], _NUMPY_TYPES[entry["dtype"]]
        size = int(np.prod(shape, dtype=object)) * np.dtype(dtype).itemsize
    except (KeyError, TypeError, ValueError) as error:
        raise FormatError(f"{path}: tensor {name} has an invalid entry {entry}") from error
    if not 0 <= begin <= end <= data_bytes:
        raise FormatError(f"{path}: tensor {name} at {begin}..{end} of {data_bytes} data bytes")
    if any(extent < 0 for extent in shape) or end - begin != size:
        raise FormatError(f"{path}: tensor {name} {shape} needs {size} bytes, has {end - begin}")
    return begin, end


def _tensor(entry, data):
    begin, end = entry["data_offsets"]
    array = np.frombuffer(data[begin:end], dtype=_NUMPY_TYPES[entry["dtype"]])
    if entry["dtype"] == "BF16":
        array = (array.astype("<u4") << 16).view("<f4")
    return array.reshape(entry["shape"])
