"""Writes the page of the catalogue from the laws themselves."""

import importlib
import pkgutil
from pathlib import Path

from skinfo.families import Limit, get_family, registered_families

ROOMS = {
    "real_line": "The whole line",
    "half_line": "A half line",
    "interval": "An interval",
    "circular": "The circle",
    "counts": "Integers",
    "multivariate": "Vectors",
}
HEAD = """Catalogue of laws
=================

Every law has SciPy's name and parameters, an analytic score, and the maximum likelihood fit that goes with them:
weights, fixed parameters, certificate, standard errors. Where the supremum of its likelihood can lie at a limit of its
parameters, a fit that ends there names the law found there. Parameters with a value are fixed at it unless ``fixed``
says otherwise: another number, or None to estimate them. Names from elsewhere, such as ``"gaussian"``, ``"lnorm"`` or
``"negative binomial"``, are taken too. :doc:`adding_a_law` shows how one is written.

"""
TABLE = ".. list-table::\n   :header-rows: 1\n   :widths: 22 22 56\n\n   * - name\n     - parameters\n     - law\n"


def laws_of(room):
    """Return the laws of a room with the first line of their file."""
    package = importlib.import_module(f"skinfo.families.{room}")
    files = [importlib.import_module(f"{package.__name__}.{m.name}") for m in pkgutil.iter_modules(package.__path__)]
    for name in registered_families():
        law = get_family(name)
        for file in files:
            if any(value is law for value in vars(file).values()):
                yield name, law, file.__doc__.strip().splitlines()[0]


def describe(law, line):
    """Return what the page says of a law."""
    text = line.removeprefix("The ").rstrip(".") if not line.endswith("...") else line.removeprefix("The ")
    text = text[0].upper() + text[1:]
    if getattr(law, "same_as", None):
        text += f"; ``{law.same_as}`` where its scale is free"
    for (shape, end), found in (getattr(law, "limits", None) or {}).items():
        names = [limit.family for limit in ([found] if isinstance(found, Limit) else found)]
        names = " or ".join(f"``{n.strip('-')}``{' of minus the values' * n.startswith('-')}" for n in names)
        text += f"; {names} as {shape} goes to {end}"
    return text


def parameters(law):
    """Return the parameters with what is fixed by default."""
    fixed = getattr(law, "natural_fixed", {})
    return ", ".join(f"{name}={fixed[name]:g}" if name in fixed else name for name in law.parameters)


def write_page(app):
    """Write the page where Sphinx looks for it."""
    parts = [HEAD]
    for room, title in ROOMS.items():
        rows = "".join(
            f"   * - ``{name}``\n     - {parameters(law)}\n     - {describe(law, line)}\n"
            for name, law, line in laws_of(room)
        )
        parts.append(f"{title}\n{'-' * len(title)}\n\n{TABLE}{rows}\n")
    Path(app.srcdir, "catalogue.rst").write_text("".join(parts))


def setup(app):
    """Connect to Sphinx."""
    app.connect("builder-inited", write_page)
    return {"parallel_read_safe": True}
