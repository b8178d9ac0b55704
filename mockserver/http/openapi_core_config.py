"""How openapi-core is used: on a document with one operation, each part of it prepared once.

With its defaults, openapi-core looks for the operation and makes each validator, caster and
deserializer anew for every request, which takes two thirds of the time of a refusal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from openapi_core import Config
from openapi_core.casting.schemas import oas31_schema_casters_factory
from openapi_core.deserializing.styles import style_deserializers
from openapi_core.deserializing.styles.deserializers import StyleDeserializer
from openapi_core.deserializing.styles.factories import StyleDeserializersFactory
from openapi_core.templating.paths.datatypes import PathOperationServer
from openapi_core.templating.paths.finders import APICallPathFinder
from openapi_core.validation.schemas import oas31_schema_validators_factory
from openapi_core.validation.schemas.factories import SchemaValidatorsFactory
from openapi_core.validation.schemas.validators import SchemaValidator

if TYPE_CHECKING:
    from jsonschema_path import SchemaPath


class SingleOperationFinder(APICallPathFinder):
    """Finds the operation of a document that has no other, and looks for it once."""

    _found: PathOperationServer | None = None

    def find(self, method: str, name: str) -> PathOperationServer:
        """Return the operation; raise PathError if it is not described."""
        if self._found is None:
            self._found = super().find(method, name)
        return self._found


class CachedSchemaValidators(SchemaValidatorsFactory):
    """Makes the validator of each schema of one document once."""

    def __init__(self) -> None:
        self._made: dict[SchemaPath, SchemaValidator] = {}

    def create(
        self, spec: SchemaPath, schema: SchemaPath, *args: Any, **options: Any
    ) -> SchemaValidator:
        """Return the validator of a schema; the options are the same for each."""
        made = self._made.get(schema)
        if made is None:
            made = oas31_schema_validators_factory.create(spec, schema, *args, **options)
            self._made[schema] = made
        return made


class CachedStyleDeserializers(StyleDeserializersFactory):
    """Makes the deserializer of each parameter of one document once."""

    def __init__(self) -> None:
        super().__init__(oas31_schema_casters_factory, style_deserializers=style_deserializers)
        self._made: dict[tuple[SchemaPath, str], StyleDeserializer] = {}

    def create(
        self, spec: SchemaPath, schema: SchemaPath, style: str, explode: bool, name: str
    ) -> StyleDeserializer:
        """Return the deserializer of a parameter, which has one style."""
        made = self._made.get((schema, name))
        if made is None:
            made = super().create(spec, schema, style, explode, name)
            self._made[schema, name] = made
        return made


def config() -> Config:
    """Return the configuration for one document with one operation."""
    return Config(
        # The document is judged in its own tests, not at every start. None is how the manual of
        # openapi-core says it; its types do not.
        spec_validator_cls=None,  # type: ignore[arg-type]
        path_finder_cls=SingleOperationFinder,
        schema_validators_factory=CachedSchemaValidators(),
        style_deserializers_factory=CachedStyleDeserializers(),
    )
