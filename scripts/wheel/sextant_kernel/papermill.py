"""Lets papermill write its parameters for SQL notebooks.

papermill loads this module through its entry point group "papermill.engine" and asks it for nothing else: the translator
that it registers turns parameters into a %params line of literals, which the kernel reads as values.
"""

import json
import math
import re

from papermill.engines import NBClientEngine
from papermill.exceptions import PapermillException
from papermill.models import Parameter
from papermill.translators import Translator, papermill_translators

# NAME[:TYPE]=VALUE, the value a string, a list, a struct or a word.
ASSIGNMENT = re.compile(r"""(\w+)(?::([^=\s]+))?=('(?:[^']|'')*'|\[[^\]]*\]|\{[^}]*\}|\S+)""")


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
        """Parameters that %params lines declare, for papermill --help-notebook."""
        found = []
        for line in parameters_cell["source"].splitlines():
            if line.lstrip().startswith("%params"):
                for name, kind, value in ASSIGNMENT.findall(line.split("%params", 1)[1]):
                    found.append(Parameter(name, kind or "None", value, ""))
        return found


papermill_translators.register("sql", SQLTranslator)
papermill_translators.register("sextant", SQLTranslator)


class Engine(NBClientEngine):
    """papermill's own engine under the name of our entry point."""
