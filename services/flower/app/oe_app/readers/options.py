"""How a provider says what is what in its files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Options:
    """`label` is the name of the label's column (its number, from 0, where there is no header); empty means the last one."""

    label: str = ""
    header: bool = True
    classes: tuple[str, ...] = ()
    """The names of the classes in the order that all providers agreed on; empty: as they are found, sorted."""
    drop_missing: bool = False
    """Leave samples out that lack a value; otherwise one is enough for a refusal."""

    @classmethod
    def of(cls, node_config: Mapping[str, Any]) -> Options:
        """As `as_config` wrote them into a node's configuration."""
        return cls(
            label=str(node_config.get("label", "")),
            header=bool(node_config.get("header", True)),
            classes=tuple(str(node_config.get("classes", "")).split("|")) if node_config.get("classes") else (),
            drop_missing=bool(node_config.get("drop-missing", False)),
        )

    def as_config(self) -> dict[str, str | bool]:
        """For Flower's node configuration, which is flat."""
        return {
            "label": self.label,
            "header": self.header,
            "classes": "|".join(self.classes),
            "drop-missing": self.drop_missing,
        }
