"""Reading versioned data from YAML strictly: what is not declared is refused, and every fault is named."""

from collections.abc import Hashable
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

Model = TypeVar("Model", bound=BaseModel)


class DataInvalid(ValueError):
    """The text does not hold what it should; the message names every fault."""


def read(model: type[Model], text: str) -> Model:
    """Return the ``model`` that YAML text holds. Raises DataInvalid.

    Anchors, tags and repeated keys are refused: the data must mean what it looks like.
    """
    try:
        # A subclass of the safe loader: plain values only.
        return model.model_validate(yaml.load(text, Loader=_StrictLoader))  # noqa: S506
    except yaml.YAMLError as error:
        raise DataInvalid(str(error)) from error
    except ValidationError as error:
        faults = (f"{'.'.join(map(str, fault['loc'])) or 'file'}: {fault['msg']}" for fault in error.errors())
        raise DataInvalid("; ".join(faults)) from error


class _StrictLoader(yaml.SafeLoader):
    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise yaml.composer.ComposerError(None, None, "an anchor is used; write the value out", event.start_mark)
        node: yaml.Node | None = super().compose_node(parent, index)
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        names = [key.value for key, _value in node.value]
        if twice := {name for name in names if names.count(name) > 1}:
            raise yaml.constructor.ConstructorError(None, None, f"{sorted(twice)} stands here twice", node.start_mark)
        return super().construct_mapping(node, deep)
