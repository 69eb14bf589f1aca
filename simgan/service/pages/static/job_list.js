// A page of the list of jobs, asked for again while one of them is not over.

import { isOver, rowOf } from "./jobs.js";
import { ask, byId, tell } from "./page.js";

const EACH = 3000; // milliseconds
const MOST = 25; // jobs of a page

const here = new URLSearchParams(location.search);
const before = here.get("before");
const looks = here.has("looks"); // looks at price files are listed, too

/** The address of a page that begins below a job, or of the first one. */
function addressOf(number, withLooks = looks) {
  const settings = { ...(number && { before: number }), ...(withLooks && { looks: 1 }) };
  return `?${new URLSearchParams(settings)}`;
}

/** The query of this page to the service. */
function query() {
  const settings = { limit: MOST, ...(before && { before }), ...(!looks && { inspects: false }) };
  return new URLSearchParams(settings);
}

async function show() {
  let unfinished = true;
  try {
    const { jobs, next } = await ask(`/v1/jobs?${query()}`);
    byId("jobs").replaceChildren(...jobs.map(rowOf));
    byId("table").hidden = jobs.length === 0;
    byId("none").hidden = jobs.length > 0;
    byId("older").hidden = !next;
    if (next) byId("older").href = addressOf(new URLSearchParams(next.split("?")[1]).get("before"));
    unfinished = jobs.some((job) => !isOver(job));
    tell(byId("problem"), null);
  } catch (error) {
    tell(byId("problem"), error);
  }
  if (unfinished) setTimeout(show, EACH);
}

byId("newest").hidden = !before;
byId("newest").href = addressOf(null);
byId("looks").checked = looks;
byId("looks").addEventListener("change", () => location.assign(addressOf(null, !looks)));
show();
