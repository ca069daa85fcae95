"""Lets papermill write its parameters for SQL notebooks.

papermill loads this module through its entry point group "papermill.engine" and asks it for nothing else: the translator
that it registers turns parameters into a %params line of literals, which the kernel reads as values.
"""

import json
import math

from papermill.engines import NBClientEngine
from papermill.exceptions import PapermillException
from papermill.translators import Translator, papermill_translators


def literal(value):
    """One Python value as a SQL literal."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        if math.isfinite(value):
            return repr(value)
        return "'%s'::DOUBLE" % ("nan" if math.isnan(value) else "inf" if value > 0 else "-inf")
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(literal(v) for v in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(literal(str(k)) + ": " + literal(v) for k, v in value.items()) + "}"
    return literal(str(value))


class SQLTranslator(Translator):
    """Parameters as one %params magic."""

    @classmethod
    def codify(cls, parameters, comment="Parameters"):
        for name in parameters:
            if not name.isidentifier():
                raise PapermillException("%s cannot be the name of a SQL parameter" % json.dumps(name))
        lines = ["-- " + comment]
        lines += ["%%params %s=%s" % (name, literal(value)) for name, value in parameters.items()]
        return "\n".join(lines) + "\n"

    @classmethod
    def comment(cls, cmt_str):
        return "-- " + cmt_str

    @classmethod
    def inspect(cls, parameters_cell):
        """Parameters declared in the notebook, for papermill --help-notebook: none are read."""
        return []


papermill_translators.register("sql", SQLTranslator)
papermill_translators.register("sextant", SQLTranslator)


class Engine(NBClientEngine):
    """papermill's own engine under the name of our entry point."""
