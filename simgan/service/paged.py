"""Models as the service draws from them: page by page, and with their values counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http import HTTPStatus

from simgan.arguments import MOST
from simgan.bundle import Runtime
from simgan.errors import SamplingError
from simgan.recipe.blueprints import Blueprint
from simgan.sampling.groups import bytes_of_group
from simgan.sampling.latent import SIZE, Drawing
from simgan.sampling.model import Model
from simgan.sampling.start import Start
from simgan.scenarios.product import Scenarios
from simgan.service.cache import Cache
from simgan.service.problems import Problem

_ROOM = 2**24  # bytes of the groups of a model
_MOST = _ROOM // 4  # of one of them
_PILOT = "pilot"  # stream of the scenarios that choose how a condition is met


def _size(group: Scenarios) -> int:
    arrays = (group.log_returns, group.weights, group.shapes)
    return sum(array.nbytes for array in arrays if array is not None)


@dataclass(frozen=True, eq=False, repr=False)
class PagedModel(Model):
    """A model that computes a group of scenarios once for the pages of it.

    A group takes as long as any part of it. The first page of a stream is often the only one, and
    is drawn alone. A page after it comes from its whole group, which stays for the next one. Pages
    of a group that are asked for at the same time take turns (`simgan.service.answers`).
    """

    groups: Cache[Scenarios] = field(default_factory=lambda: Cache(_ROOM, _size))

    def draw(self, drawing: Drawing, start: Start, workers: int = 1) -> Iterator[Scenarios]:
        """Yield the scenarios of `Model.draw`."""
        if not self._is_page(drawing):
            yield from super().draw(drawing, start, workers)
            return
        try:
            pages = [self._page(drawing, start, group) for group in drawing.groups]
        except SamplingError:  # perhaps of a scenario that nobody asked for
            pages = list(super().draw(drawing, start, workers))
        yield from pages

    def _is_page(self, drawing: Drawing) -> bool:
        """Tell whether whole groups, which cost little more, may serve a drawing."""
        assets = len(self.bundle.manifest.assets)
        return (
            0 < drawing.first < MOST - 2 * SIZE
            and drawing.n < SIZE
            and bytes_of_group(assets, drawing) <= _MOST
            and not self.runtime.is_blockwise
        )

    def _page(self, drawing: Drawing, start: Start, group: int) -> Scenarios:
        """Return the part of a group that a drawing asks for."""
        whole = replace(drawing, first=group * SIZE, n=SIZE)
        key = whole, type(start), start.sha256, start.level
        drawn, rows = self.groups.found(key), drawing.rows(group)
        if drawn is None:
            drawn = next(super().draw(whole, start))
            self.groups.keep(key, drawn)
        page = drawn.part(rows.start, rows.stop)
        return replace(page, initial_price=start.initial_price, calendar=start.calendar)


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class CountedModel(Model):
    """A model for one request, whose scenarios are counted, also those that a search leaves out.

    Attributes
    ----------
    source : Model
        Draws the scenarios.
    drawn : callable
        Hears the number of values of each group.
    most : int, optional
        Values of one drawing. Pilots of a condition are no part of it.
    """

    source: Model
    drawn: Callable[[int], object]
    most: int | None = None

    @classmethod
    def of(
        cls, source: Model, drawn: Callable[[int], object], most: int | None = None
    ) -> CountedModel:
        """Count the scenarios of a model."""
        return cls(source.bundle, source.engine, source=source, drawn=drawn, most=most)

    @property
    def runtime(self) -> Runtime[Blueprint]:
        return self.source.runtime

    def draw(self, drawing: Drawing, start: Start, workers: int = 1) -> Iterator[Scenarios]:
        """Yield the scenarios of `source`.

        Raises
        ------
        Problem
            There were more values than `most`.
        """
        total = 0
        for group in self.source.draw(drawing, start, workers):
            self.drawn(group.log_returns.size)
            total += group.log_returns.size
            if self.most is not None and total > self.most and drawing.stream != _PILOT:
                raise _too_long(total, self.most)
            yield group


def _too_long(total: int, most: int) -> Problem:
    detail = (
        f"the search for scenarios that meet the condition has drawn {total:,} values, and the "
        f"limit is {most:,}; ask for fewer scenarios, or give a weaker condition"
    )
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, {"asked": total, "limit": most})
