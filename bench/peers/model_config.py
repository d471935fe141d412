"""Sizes of the mixture-of-experts language model: presets, and the config file of a checkpoint."""

import dataclasses
import os

try:
    import yaml
except ImportError:
    yaml = None


class ConfigError(ValueError):
    """Sizes that are missing or contradict one another; the message says which."""


@dataclasses.dataclass(frozen=True)
class MoeConfig:
    """D width, L layers, H heads, E experts, k chosen, F expert width, T context, V vocabulary.

    `routing` is topk, or round_robin: token n's slot j goes to expert (n k + j) mod E.
    """

    d_model: int
    n_layers: int
    n_heads: int
    n_experts: int
    top_k: int
    d_ff: int
    context: int
    vocab: int = 256
    rope_base: float = 10000.0
    rms_eps: float = 1e-6
    routing: str = "topk"

    def __post_init__(self):
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if field.type is not str and not value > 0:
                raise ConfigError(f"config: {field.name} is {value!r}, a positive number is wanted")
        if self.routing not in ("topk", "round_robin"):
            raise ConfigError(f"config: routing is {self.routing!r}, topk or round_robin is wanted")
        if self.d_model % self.n_heads or (self.d_model // self.n_heads) % 2:
            raise ConfigError(
                f"config: d_model {self.d_model} does not split into {self.n_heads} heads "
                "of even width"
            )
        if self.top_k > self.n_experts:
            raise ConfigError(f"config: top_k {self.top_k} of n_experts {self.n_experts}")

    @property
    def d_head(self):
        return self.d_model // self.n_heads


PRESETS = {
    "tiny": MoeConfig(128, 2, 4, 4, 2, 512, 128),
    "small": MoeConfig(256, 4, 4, 4, 2, 1024, 256),
    "medium": MoeConfig(512, 8, 8, 8, 2, 2048, 512),
    "blueberry": MoeConfig(384, 6, 8, 8, 2, 1536, 512),
    "large": MoeConfig(1024, 12, 16, 16, 2, 4096, 1024),
}


def from_tensors(shapes, settings):
    """The config of a checkpoint.

    What the shapes of the parameters show is taken from them (V, D, L, E, F); the rest (heads,
    top-k, context, constants) comes from `settings`, else from the preset that `settings` names,
    else from the one preset that has these shapes. A setting that contradicts a shape is an error.
    """
    vocab, d_model = shapes["embed.weight"]
    n_layers = 1 + max(int(name.split(".")[1]) for name in shapes if name.startswith("layers."))
    n_experts, d_ff, _ = shapes["layers.0.moe.up.weight"]
    seen = {
        "d_model": d_model, "n_layers": n_layers, "n_experts": n_experts, "d_ff": d_ff,
        "vocab": vocab,
    }
    values = _preset_values(settings.get("preset"), seen)
    for field in dataclasses.fields(MoeConfig):
        if settings.get(field.name) is not None:
            values[field.name] = _converted(field, settings[field.name])
    for name, value in seen.items():
        if settings.get(name) is not None and int(settings[name]) != value:
            raise ConfigError(f"config: {name} is {settings[name]}, the tensors say {value}")
    values.update(seen)
    missing = [
        f.name for f in dataclasses.fields(MoeConfig)
        if f.name not in values and f.default is dataclasses.MISSING
    ]
    if missing:
        raise ConfigError(f"config: {', '.join(missing)} unknown: give --preset, or each of them")
    return MoeConfig(**values)


def _converted(field, value):
    try:
        return field.type(value)
    except (TypeError, ValueError) as error:
        wanted = field.type.__name__
        raise ConfigError(f"config: {field.name} is {value!r}, {wanted} wanted") from error


def _preset_values(preset, seen):
    if preset is None:
        matches = [
            name for name, config in PRESETS.items()
            if all(getattr(config, key) == seen[key] for key in seen if key != "vocab")
        ]
        preset = matches[0] if len(matches) == 1 else None
    if preset is None:
        return {}
    if preset not in PRESETS:
        raise ConfigError(f"config: preset {preset!r} is none of {', '.join(PRESETS)}")
    return dataclasses.asdict(PRESETS[preset])


def read_settings(directory, metadata):
    """Model settings as a flat map: the file's metadata, overridden by `model:` of config.yaml."""
    settings = {key.removeprefix("model."): value for key, value in metadata.items()}
    path = os.path.join(directory, "config.yaml")
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            document = parse_yaml(file.read())
        model = document.get("model") or {}
        settings.update({key: value for key, value in model.items() if value is not None})
    return settings


def parse_yaml(text):
    """YAML by PyYAML where it is installed, else by the small parser below."""
    return (yaml.safe_load(text) if yaml else parse_simple_yaml(text)) or {}


def parse_simple_yaml(text):
    """Nested maps of scalars by indentation: the part of YAML that a run's config.yaml uses.

    Lines that are neither `key: value` nor `key:` (list items, flow values) are kept as text or
    skipped, because no setting that is needed here is written so.
    """
    root = {}
    stack = [(-1, root)]
    for line in text.splitlines():
        stripped = _without_comment(line).strip()
        key, colon, value = stripped.partition(":")
        if not colon or stripped.startswith("-"):
            continue
        indent = len(line) - len(line.lstrip(" "))
        while stack[-1][0] >= indent:
            stack.pop()
        if value.strip():
            stack[-1][1][_scalar(key)] = _scalar(value)
        else:
            child = stack[-1][1][_scalar(key)] = {}
            stack.append((indent, child))
    return root


def _without_comment(line):
    if line.lstrip().startswith("#"):
        return ""
    return line.split(" #", 1)[0]


def _scalar(text):
    text = text.strip()
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "'\"":
        return text[1:-1]
    for convert in (int, float):
        try:
            return convert(text)
        except ValueError:
            pass
    return {"true": True, "false": False, "null": None, "~": None}.get(text, text)
