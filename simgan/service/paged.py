"""Models whose scenarios are asked for page by page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from simgan.arguments import MOST
from simgan.errors import SamplingError
from simgan.sampling.groups import bytes_of_group
from simgan.sampling.latent import SIZE, Drawing
from simgan.sampling.model import Model
from simgan.sampling.start import Start
from simgan.scenarios.product import Scenarios
from simgan.service.cache import Cache

_ROOM = 2**24  # bytes of the groups of a model
_MOST = _ROOM // 4  # of one of them


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
