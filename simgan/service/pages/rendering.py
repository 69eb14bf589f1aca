"""Pages from templates: every text is escaped, and no page holds a script or a style of its own."""

from __future__ import annotations

from functools import cache
from http import HTTPStatus

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from simgan.provenance import library_versions
from simgan.service.access import Caller
from simgan.service.middleware.guard import is_for_page
from simgan.service.pages.languages import COOKIE, Language, language_for, languages
from simgan.service.problems import Problem

_YEAR = 365 * 24 * 3600  # seconds


def render(request: Request, page: str, /, status: int = 200, **facts: object) -> HTMLResponse:
    """Return a page in the language of the reader.

    Parameters
    ----------
    request : Request
    page : str
        Name of a template, without its ending.
    status : int
    **facts
        Facts for the template.
    """
    language = language_for(request)
    caller: Caller | None = getattr(request.state, "caller", None)
    content = (
        _environment()
        .get_template(f"{page}.html.j2")
        .render(
            facts,
            t=language,
            languages=languages().values(),
            root=request.scope.get("root_path", ""),
            here=request.url,
            scopes=caller.scopes if caller else frozenset(),
            csrf=getattr(request.state, "csrf", ""),
            version=library_versions()["simgan"],
        )
    )
    headers = {"Cache-Control": "no-store", "Vary": "Accept-Language, Cookie"}
    answer = HTMLResponse(content, status, headers)
    answer.headers["Content-Language"] = language.code
    if request.query_params.get("lang") == language.code:
        answer.set_cookie(COOKIE, language.code, max_age=_YEAR, samesite="lax", httponly=True)
    return answer


def refusal(problem: Problem, request: Request) -> Response:
    """Return a problem as a page where a browser asks for a page, and as JSON elsewhere."""
    if problem.status < HTTPStatus.BAD_REQUEST or not is_for_page(request.scope):
        return problem.answer(request)
    intro = _introduction(problem, language_for(request))
    detail = problem.detail if intro.endswith(":") else ""
    answer = render(request, "refused", problem.status, intro=intro, detail=detail)
    answer.headers.update(problem.headers)
    return answer


def _introduction(problem: Problem, language: Language) -> str:
    """Return a sentence of a language. Behind a colon stands the English one of the service."""
    if problem.status == HTTPStatus.NOT_FOUND:
        return language("refused.nothing")
    key = f"script.refused-{int(problem.status)}"
    return language(key) if key in language.texts else language("script.refused")


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("simgan.service.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
