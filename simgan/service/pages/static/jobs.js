// Jobs: following one by events, or by asking again where events do not come; words for states.

import { ask, at, duration, element, known, moment, percent, text } from "./page.js";

const KINDS = ["queued", "running", "progress", "done", "failed", "cancelled"];
const LAST = new Set(["done", "failed", "cancelled"]);
const EACH = 1500; // milliseconds between questions
const MISSES = 3; // failed connections, after which events are given up

export const isOver = (job) => LAST.has(job.state);

/**
 * Follow a job: `heard` gets it whole at first, at each change of state, and at the end. `said` gets
 * its sentences, and `begun` the number of each attempt before the sentences of that attempt.
 */
export function follow(id, heard, said = () => {}, begun = () => {}) {
  const path = `/v1/jobs/${encodeURIComponent(id)}`;
  let job = null;
  let source = null;
  let timer = null;
  let misses = 0;

  async function look() {
    job = await ask(path);
    heard(job);
    if (isOver(job)) source?.close();
    return job;
  }
  function poll() {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      try {
        if (isOver(await look())) return;
      } catch {
        /* the service may be back at the next question */
      }
      poll();
    }, EACH);
  }
  function take(event) {
    const told = JSON.parse(event.data);
    misses = 0;
    if (event.type === "running") begun(told.attempt);
    if (event.type !== "progress") return void look().catch(poll);
    for (const sentence of told.sentences ?? []) said(sentence);
    job = { ...job, progress: told };
    heard(job);
  }
  function listen() {
    source = new EventSource(at(`${path}/events`));
    for (const kind of KINDS) source.addEventListener(kind, take);
    source.addEventListener("error", () => {
      misses += 1;
      if (isOver(job) || (source.readyState !== EventSource.CLOSED && misses < MISSES)) return;
      source.close();
      poll();
    });
  }
  return look().then((found) => {
    if (!isOver(found)) listen();
    else history(path, said, begun);
    return found;
  });
}

/** Say again what an ended job has said. */
async function history(path, said, begun) {
  try {
    const { events } = await ask(`${path}/events?format=json`);
    for (const { event, data } of events) {
      if (event === "running") begun(data.attempt);
      for (const sentence of data.sentences ?? []) said(sentence);
    }
  } catch {
    /* an old job may have lost its sentences */
  }
}

/** Ask for a job, and give it. */
export const order = (wanted) => ask("/v1/jobs", { method: "POST", json: wanted });

export const cancel = (id) => ask(`/v1/jobs/${encodeURIComponent(id)}`, { method: "DELETE" });

/** The thing that a job is about. */
export function subjectOf(job) {
  const { name, tickers, upload } = job.request;
  if (name || tickers?.length) return name ?? tickers.join(", ");
  return job.file ?? job.result?.name ?? (upload ? text("a-file") : "");
}

export const stateOf = (job) => text(job.cancelling ? "state-cancelling" : `state-${job.state}`);

/** How far the stage of a job is, from 0 to 1, or null where it is not known. */
export function shareOf(job) {
  if (job.state === "done") return 1;
  const { done, total } = job.progress ?? {};
  return job.state === "running" && total ? Math.min(1, done / total) : null;
}

/** A task in words of the reader, and one without such words in English. */
function taskOf(task) {
  const [, forecasts, model] = task.match(/^(forecasts of) (.+)$/) ?? [];
  if (forecasts) return text("task-forecasts of", { model });
  const words = task.split(", ").map((part) => known(`task-${part}`));
  return words.every(Boolean) ? words.join(", ") : element("span", { lang: "en" }, task);
}

/** The stage of a running job, its place among all stages, and how far it is, as parts of a page. */
export function stageOf(job) {
  if (isOver(job)) return [];
  const { task, place } = job.progress ?? {};
  const among = (place ?? "").replace(/\b(asset|stage) (\d+) of (\d+)/g, (_, kind, n, all) =>
    text(`place-${kind}`, { n, all }),
  );
  const share = shareOf(job);
  const parts = [
    task && taskOf(task),
    among,
    share != null && text("stage-share", { share: percent(share, 0) }),
  ];
  return parts.filter(Boolean).flatMap((part, i) => (i ? [" · ", part] : [part]));
}

/** The address of the result of a job, or nothing. */
export function resultOf(job) {
  if (job.state !== "done") return null;
  const { model, links } = job.result ?? {};
  if (job.kind === "fit")
    return { href: at(`/models/${encodeURIComponent(model)}`), name: text("open-model") };
  const page = links?.report ?? links?.page;
  return page ? { href: at(page), name: text("open-page") } : null;
}

/** The time that a job took, or takes so far. */
export function timeOf(job) {
  if (!job.started) return "";
  return duration(
    ((job.ended ? Date.parse(job.ended) : Date.now()) - Date.parse(job.started)) / 1000,
  );
}

/** A row of a table of jobs. */
export function rowOf(job) {
  const result = resultOf(job);
  const link = element(
    "a",
    { href: at(`/jobs/${job.id}`) },
    `${text(`kind-${job.kind}`)}: ${subjectOf(job)}`,
  );
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, link),
    element(
      "td",
      {},
      element("span", { class: `badge ${job.state}` }, stateOf(job)),
      " ",
      ...stageOf(job),
    ),
    element("td", {}, moment(job.created)),
    element("td", {}, timeOf(job)),
    element("td", {}, ...(result ? [element("a", { href: result.href }, result.name)] : [])),
  );
}
