// The form of a fit: prices, how they were understood, settings, an estimate.

import { cancel, follow, isOver, order, shareOf } from "./jobs.js";
import { Problem, ask, at, byId, duration, element, percent, said, settled, tell, text } from "./page.js";
import { plain, sheetsOf } from "./understood.js";

const form = byId("fit");
let upload = null; // an uploaded file, with the way in which it was understood
let looking = null; // the job that looks at it

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
  const days = ["start", "end"].filter((id) => byId(id).value);
  return {
    on_bad_rows: byId("drop").checked ? "drop" : "stop",
    ...Object.fromEntries(days.map((id) => [id, byId(id).value])),
  };
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
    if (!upload?.assets) return null;
    const name = common.name ?? upload.name;
    return {
      ...common,
      upload: upload.id,
      ...kept(),
      ...(upload.assets.length > 1 ? { name } : { tickers: [name] }),
    };
  }
  const tickers =
    source() === "sample"
      ? [...form.querySelectorAll("[name=series]:checked")].map((one) => one.value)
      : words(byId("tickers").value);
  return tickers.length ? { ...common, source: source(), tickers } : null;
}

function arrange() {
  for (const one of document.querySelectorAll("[data-source]"))
    one.hidden = one.dataset.source !== source();
  const ready = wanted() !== null;
  byId("send").disabled = !ready;
  if (ready) estimate();
  else byId("estimate").textContent = "";
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
    if (error.status === 422) tell(byId("problem"), error);
  }
}, 400);

/** Send a file, let a job look at it, and show how it was understood. */
async function receive(file) {
  upload = null;
  for (const id of ["start", "end"]) byId(id).value = "";
  byId("understood").replaceChildren();
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
  const refused = found.refused || assets.map((one) => one.refused).find(Boolean);
  if (!refused && assets.length)
    Object.assign(upload, {
      assets: assets.map((one) => one.name),
      last: assets
        .map((one) => one.last)
        .sort()
        .at(-1),
    });
  byId("understood").replaceChildren(...sheetsOf(assets));
  if (refused)
    byId("understood").prepend(
      element("p", { class: "problem", role: "alert" }, ...said("refused-file", plain(refused))),
    );
  byId("name").placeholder = upload.name;
  byId("drop-field").hidden = !refused && !byId("drop").checked;
  byId("days-fields").hidden = false;
  arrange();
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
const OF_FILE = ["file", "drop", "start", "end"];
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
