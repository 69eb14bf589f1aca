// The form of a fit: prices, how they were understood, settings, an estimate.

import { cancel, follow, isOver, order, shareOf } from "./jobs.js";
import { Problem, ask, at, byId, dataOf, dayCount, duration, element, percent, said, settled, tell, text } from "./page.js";
import { plain, sheetsOf } from "./understood.js";

const form = byId("fit");
const KEPT = ["start", "end", "column"]; // fields about the prices of a file
let upload = null; // an uploaded file, with the way in which it was understood
let looking = null; // the job that looks at it

const days = dataOf("days"); // days of returns that a training and a verdict need

const source = () => form.elements.source.value;
const words = (value) => value.split(/[\s,;]+/).filter(Boolean);

/** The first day of the history that is asked for, or nothing. */
function start() {
  const years = Number(byId("years").value);
  if (!years) return undefined;
  const last = new Date(
    source() === "file" && upload?.last
      ? `${upload.last}T00:00:00Z`
      : source() === "sample"
        ? "2018-12-31T00:00:00Z"
        : Date.now(),
  );
  last.setUTCMonth(last.getUTCMonth() - Math.round(12 * years));
  return last.toISOString().slice(0, 10);
}

/** The rows and the days of a file that are asked for. */
function kept() {
  const given = KEPT.filter((id) => byId(id).value.trim());
  return {
    on_bad_rows: byId("drop").checked ? "drop" : "stop",
    ...Object.fromEntries(given.map((id) => [id, byId(id).value.trim()])),
  };
}

/** The assets of the file that a model is to learn from. */
function chosen() {
  const ticks = [...form.querySelectorAll("[name=asset]:checked")].map((one) => one.value);
  const assets = upload?.assets ?? [];
  const isAlone = assets.length === 1;
  return assets.filter(({ name, refused }) => !refused && (isAlone || ticks.includes(name)));
}

/** The days of returns of the shortest asset, where they are few: a sentence, and whether too few. */
function shortness() {
  const shortest = chosen().sort((a, b) => a.days - b.days)[0];
  if (source() !== "file" || !shortest) return null;
  const returns = Math.max(shortest.days - 1, 0);
  const least = days.least[byId("preset").value];
  const of = (key, bound) =>
    text(key, { name: shortest.name, n: dayCount(returns), least: dayCount(bound) });
  if (returns < least) return { isOver: true, sentence: of("sheet-few", least) };
  if (returns < days.judged) return { sentence: of("sheet-unjudged", days.judged) };
  return returns < days.prior ? { sentence: of("sheet-prior", days.prior) } : null;
}

/** The order of the form, or null where something is missing. */
function wanted() {
  const common = {
    kind: "fit",
    preset: byId("preset").value,
    name: byId("name").value.trim() || undefined,
    start: start(),
  };
  if (source() === "file") {
    const names = chosen().map(({ name }) => name);
    if (!names.length || shortness()?.isOver) return null;
    return { ...common, upload: upload.id, ...kept(), ...named(common.name, names) };
  }
  const tickers =
    source() === "sample"
      ? [...form.querySelectorAll("[name=series]:checked")].map((one) => one.value)
      : words(byId("tickers").value);
  return tickers.length ? { ...common, source: source(), tickers } : null;
}

/** The assets of an order about the file: all of them under one name, or those that are chosen. */
function named(name, names) {
  if (upload.assets.length === 1) return { tickers: [name ?? upload.name] };
  return names.length < upload.assets.length ? { tickers: names } : { name: name ?? upload.name };
}

function arrange() {
  for (const one of document.querySelectorAll("[data-source]"))
    one.hidden = one.dataset.source !== source();
  const short = shortness();
  byId("short").hidden = !short;
  byId("short").className = short?.isOver ? "problem" : "told warned";
  byId("short").textContent = short?.sentence ?? "";
  byId("name").placeholder = nameless();
  const ready = wanted() !== null;
  byId("send").disabled = !ready;
  if (ready) estimate();
  else byId("estimate").textContent = "";
}

/** The name of a model to which none is given. */
function nameless() {
  const { assets } = upload ?? {};
  const isWhole = assets?.length === 1 || chosen().length === assets?.length;
  return source() === "file" && isWhole ? upload.name : byId("name").dataset.placeholder;
}

const estimate = settled(async () => {
  const asked = wanted();
  if (!asked) return;
  try {
    const { seconds } = await ask("/v1/jobs/estimate", { method: "POST", json: asked });
    byId("estimate").textContent = text("estimate", { time: duration(seconds) });
    tell(byId("problem"), null);
  } catch (error) {
    byId("estimate").textContent = "";
    if (error.status !== 422) return;
    byId("send").disabled = true;
    tell(byId("problem"), error);
  }
}, 400);

/** Send a file, let a job look at it, and show how it was understood. */
async function receive(file) {
  upload = null;
  for (const id of KEPT) byId(id).value = "";
  byId("understood").replaceChildren();
  byId("assets").replaceChildren();
  byId("assets-field").hidden = true;
  arrange();
  byId("reading").textContent = text("sending", { name: file.name });
  const sent = await ask(`/v1/uploads?name=${encodeURIComponent(file.name)}`, {
    method: "POST",
    body: file,
    headers: { "Content-Type": "application/octet-stream" },
  });
  upload = { id: sent.id, name: file.name.replace(/\.[^.]*(\.(gz|zip|zst))?$/, "") };
  await look();
}

async function look() {
  if (!upload) return;
  if (looking && !isOver(looking)) cancel(looking.id).catch(() => {});
  const { id } = upload;
  upload.assets = null; // until they are understood anew
  arrange();
  looking = await order({ kind: "inspect", upload: id, ...kept() });
  byId("reading").textContent = text("reading");
  await follow(looking.id, (job) => {
    if (job.id !== looking.id) return;
    looking = job;
    const share = shareOf(job);
    if (!isOver(job))
      byId("reading").textContent = share
        ? `${text("reading")} ${percent(share, 0)}`
        : text("reading");
    else understand(job);
  });
}

function understand(job) {
  byId("reading").textContent = "";
  const found = job.result;
  if (!found) return tell(byId("problem"), new Problem(0, job.problem?.detail ?? job.state, "failed"));
  const assets = found.assets ?? [];
  const usable = assets.filter((one) => !one.refused);
  const refused = found.refused || assets.map((one) => one.refused).find(Boolean);
  upload.assets = assets;
  upload.last = usable
    .map((one) => one.last)
    .sort()
    .at(-1);
  byId("assets").replaceChildren(...(assets.length > 1 ? ticksOf(assets) : []));
  byId("assets-field").hidden = assets.length < 2;
  byId("columns").replaceChildren(...columnsOf(found).map((value) => element("option", { value })));
  byId("understood").replaceChildren(...sheetsOf(assets));
  if (refused) {
    const [key, kind] = usable.length ? ["refused-assets", "told warned"] : ["refused-file", "problem"];
    byId("understood").prepend(
      element("p", { class: kind, role: "alert" }, ...said(key, plain(refused))),
    );
  }
  byId("drop-field").hidden = !refused && !byId("drop").checked;
  byId("days-fields").hidden = false;
  arrange();
}

/** A box for each asset. One that cannot be used has no tick, and one without a tick keeps none. */
function ticksOf(assets) {
  const left = [...form.querySelectorAll("[name=asset]:enabled:not(:checked)")].map((one) => one.value);
  return assets.map(({ name, refused }) => {
    const isOut = Boolean(refused);
    const facts = { type: "checkbox", name: "asset", value: name, disabled: isOut };
    const box = element("input", { ...facts, checked: !isOut && !left.includes(name) });
    return element("label", { class: "check" }, box, ` ${name}`);
  });
}

/** The columns of the file, as far as they are known. */
function columnsOf({ facts, assets = [] }) {
  const known = facts?.columns ?? assets[0]?.facts?.columns ?? "";
  return known.split(", ").filter(Boolean);
}

const failing =
  (work) =>
  async (...given) => {
    tell(byId("problem"), null);
    try {
      await work(...given);
    } catch (error) {
      byId("reading").textContent = "";
      tell(byId("problem"), error);
    }
  };

byId("file").addEventListener(
  "change",
  failing(async () => byId("file").files[0] && receive(byId("file").files[0])),
);
const OF_FILE = ["file", "drop", ...KEPT];
for (const id of OF_FILE.slice(1)) byId(id).addEventListener("change", failing(look));
form.addEventListener("input", (event) => OF_FILE.includes(event.target.id) || arrange());
form.addEventListener(
  "submit",
  failing(async (event) => {
    event.preventDefault();
    const asked = wanted();
    if (!asked) return;
    byId("send").disabled = true;
    try {
      const job = await order(asked);
      location.assign(at(`/jobs/${job.id}`));
    } finally {
      byId("send").disabled = false;
    }
  }),
);
for (const kind of ["dragover", "drop"]) {
  byId("file-zone").addEventListener(kind, (event) => {
    event.preventDefault();
    const [file] = event.dataTransfer.files;
    if (kind === "drop" && file) failing(receive)(file);
  });
}
arrange();
