// The list of jobs, asked for again while one of them is not over.

import { isOver, rowOf } from "./jobs.js";
import { ask, byId, tell } from "./page.js";

const EACH = 3000; // milliseconds

async function show() {
  let unfinished = true;
  try {
    const { jobs } = await ask("/v1/jobs");
    byId("jobs").replaceChildren(...jobs.map(rowOf));
    byId("table").hidden = jobs.length === 0;
    byId("none").hidden = jobs.length > 0;
    unfinished = jobs.some((job) => !isOver(job));
    tell(byId("problem"), null);
  } catch (error) {
    tell(byId("problem"), error);
  }
  if (unfinished) setTimeout(show, EACH);
}

show();
