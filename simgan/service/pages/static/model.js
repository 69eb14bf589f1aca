// One model: the coming days, risk, stress, and lines that make the same elsewhere.

import { Chart, fan, fanReader } from "./charts.js";
import { arrangeCondition, condition, given } from "./condition.js";
import { showFile } from "./download.js";
import { Link } from "./link.js";
import { pathOf } from "./lines.js";
import {
  ask,
  at,
  byId,
  dataOf,
  day,
  dayCount,
  digits,
  element,
  level,
  percent,
  said,
  settled,
  tell,
  text,
  whole,
} from "./page.js";
import { showRisk } from "./risk.js";

const model = dataOf("model");
const path = `/v1/models/${encodeURIComponent(model.name)}`;
const CONDITION = ["condition", "bound", "of"];
const SETTINGS = ["horizon", "start", "day", "position", ...CONDITION, "n", "seed", "level"];
const FILE = ["download-n", "values", "layout", "format"];
const weights = [...document.querySelectorAll("[data-asset]")];
const link = new Link([...SETTINGS, ...FILE], ["daily", "paths"], weights);
const fanChart = new Chart(byId("fan"), 340, byId("fan-reader"));
const figures = ["given", "fan", "fan-reader", "fan-table", "risk-figures", "parts-field"].map(byId);
const TINY = 1e-6; // a probability whose digits mean nothing to a reader
const PATIENCE = 4000; // milliseconds, after which a reader wants to know why
let outlook = null;
let meant = ""; // its condition, in the words of the reader
let running = null;

/** The start of the scenarios in the words of the product. */
function asOf() {
  const start = byId("start").value;
  return start === "day" ? byId("day").value : start;
}

/** The weights in the words of the product, or nothing where they are those by default, equal. */
function shares() {
  if (weights.every((one) => one.value === one.defaultValue)) return "";
  const held = [...weights.map((one) => [one.dataset.asset, shareOf(one)]), ["CASH", cash()]];
  return held
    .filter(([, share]) => share)
    .map(([asset, share]) => `${asset}=${share}`)
    .join(",");
}

const rounded = (share) => Number(share.toFixed(6));
const shareOf = (field) => rounded(Number(field.value) / 100);

/** The share that no asset holds. */
function cash() {
  const rest = rounded(1 - weights.reduce((sum, one) => sum + shareOf(one), 0));
  return Math.abs(rest) < 1e-5 ? 0 : rest;
}

/** Everything that the page asks for. */
function wanted() {
  return {
    horizon: Number(byId("horizon").value),
    as_of: asOf(),
    seed: Number(byId("seed").value || 0),
    given: given(),
    ...(weights.length
      ? { weights: shares(), rebalance: byId("daily").checked ? "daily" : "none" }
      : {}),
    n: Number(byId("n").value),
    position: Number(byId("position").value),
  };
}

/** Show the fields that belong to a choice, and the numbers of the sliders. */
function arrange() {
  byId("horizon-shown").textContent = dayCount(byId("horizon").value);
  byId("horizon").setAttribute("aria-valuetext", byId("horizon-shown").textContent);
  byId("position-shown").textContent = whole(byId("position").value);
  byId("day-field").hidden = byId("start").value !== "day";
  byId("download-n").defaultValue = byId("n").value; // until it is changed itself
  arrangeCondition();
  if (weights.length) byId("cash").textContent = percent(cash(), 2);
}

// The slider of days runs over the days of the calendar from the first to the last of the history.
const first = Date.parse(model.first);
const last = Date.parse(model.last);
function slide() {
  const share = byId("day-slider").value / 1000;
  byId("day").value = new Date(first + share * (last - first)).toISOString().slice(0, 10);
  byId("day-slider").setAttribute("aria-valuetext", day(byId("day").value));
}
function slideBack() {
  byId("day-slider").value = (1000 * (Date.parse(byId("day").value) - first)) / (last - first);
}

/** Dim the figures while they answer an earlier question than that of the form. */
function dim(areStale) {
  for (const one of figures) one.classList.toggle("stale", areStale);
}

function setBusy(isBusy) {
  for (const one of figures) one.setAttribute("aria-busy", isBusy);
}

/** Ask for the outlook, and show it. Only the newest question is answered. */
async function refresh() {
  running?.abort();
  running = new AbortController();
  const { signal } = running;
  byId("state").textContent = text("drawing");
  const slow = setTimeout(() => (byId("state").textContent = text("drawing-long")), PATIENCE);
  dim(outlook !== null);
  setBusy(true);
  try {
    const words = given() && condition();
    outlook = await ask(`${path}/outlook?${pathOf(wanted())}`, { signal });
    meant = words;
    tell(byId("problem"), null);
    byId("workbench").classList.remove("unanswered");
    show();
    dim(false);
    byId("state").textContent = drawnOf(outlook);
  } catch (error) {
    if (error.name === "AbortError") return;
    outlook = null;
    byId("state").textContent = "";
    byId("workbench").classList.add("unanswered"); // nothing stands in the place of figures
    tell(byId("problem"), error);
  } finally {
    clearTimeout(slow);
  }
  setBusy(false);
}

/** The number of scenarios, and that of equal ones where a condition has given them weights. */
function drawnOf({ scenarios, effective_scenarios: worth = scenarios }) {
  const n = whole(scenarios);
  return worth < scenarios - 1
    ? text("drawn-worth", { n, worth: whole(worth) })
    : text("drawn", { n });
}

/** The condition of an outlook and its probability, or nothing. */
function conditionOf({ given: expression, probability, standard_error: error }) {
  if (!expression) return "";
  const share = (value) =>
    probability < 0.01 ? `${digits(100 * value, 2)}\u00a0%` : percent(value, 2);
  const facts = { condition: meant, expression, share: share(Math.max(probability, TINY)) };
  if (probability < TINY) return text("given-tiny", facts);
  return error == null
    ? text("given-rare", facts)
    : text("given", { ...facts, error: share(error) });
}

/** The notes of an outlook. Its condition is beside its words already, and so are the remedies. */
const notesOf = ({ notes, given: expression }) =>
  notes
    .map((one) => one.replace(expression, "the condition"))
    .map((one) => said("note", one.replace(/(too few to rely on): [^;]*/, "$1")));

function show() {
  fanChart.show(fan(outlook, byId("paths").checked), fanReader(outlook));
  byId("given").textContent = conditionOf(outlook);
  byId("given").hidden = !outlook.given;
  const { levels, values } = outlook.quantiles;
  for (const key of document.querySelectorAll("[data-quantile]"))
    key.hidden = values[levels.indexOf(Number(key.dataset.quantile))] === null;
  byId("after-key").hidden = outlook.after.values.length < 2;
  byId("fan").setAttribute(
    "aria-label",
    `${byId("fan-title").textContent}. ${byId("fan-reader").textContent}`,
  );
  byId("notes").replaceChildren(...notesOf(outlook).map((one) => element("li", {}, ...one)));
  showTable();
  showRisk(outlook, meant);
}

function showTable() {
  const { levels, values } = outlook.quantiles;
  const steps = [...new Set([1, 2, 3, 5, 10, 21, 42, 63, 125, 250, outlook.horizon])]
    .filter((step) => step <= outlook.horizon)
    .sort((a, b) => a - b);
  const head = element(
    "tr",
    {},
    element("th", { scope: "col" }, text("step")),
    ...levels.map((q) => element("th", { scope: "col" }, level(q))),
  );
  const rows = steps.map((step) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, text("day-ahead", { n: step })),
      ...values.map((one) =>
        one
          ? element("td", {}, digits(one[step], 5))
          : element("td", { class: "missing" }, text("too-few")),
      ),
    ),
  );
  byId("fan-table").replaceChildren(
    element("caption", {}, text("quantiles")),
    element("thead", {}, head),
    element("tbody", {}, ...rows),
  );
}

/** The link to a file, and the lines that make the same. Shares are those of its condition. */
function showLines() {
  const { horizon, as_of, seed, given: expression, weights: held, rebalance } = wanted();
  const isOfBook = weights.length && expression && !byId("of").value;
  const book = isOfBook ? { weights: held, rebalance } : {};
  showFile(model, { horizon, as_of, given: expression, ...book, seed }, at(path));
}

const later = settled(refresh);
function changed(event) {
  if (event.target.id === "day-slider") slide();
  if (event.target.id === "day") slideBack();
  arrange();
  showIgnored([]);
  byId("download").hidden = false;
  link.remember();
  showLines();
  if (event.target.id === "paths") return void (outlook && show());
  dim(outlook !== null);
  if (byId("controls").checkValidity()) later();
}

async function makeReport() {
  try {
    const job = await ask("/v1/jobs", {
      method: "POST",
      json: { kind: "report", name: model.name },
    });
    location.assign(at(`/jobs/${job.id}`));
  } catch (error) {
    tell(byId("report-state"), error);
  }
}

/** Name the words of the address that this page cannot take. */
function showIgnored(ignored) {
  byId("ignored").hidden = !ignored.length;
  const words = ignored.map(([id, value]) => `${id}=${value}`).join(", ");
  byId("ignored").textContent = ignored.length ? text("ignored", { words }) : "";
}

/** Show what a link asks for. Scenarios without its condition would answer another question. */
function begin() {
  const ignored = link.recall();
  slideBack();
  arrange();
  showLines();
  showIgnored(ignored);
  const lost = ignored.some(([id]) => CONDITION.includes(id));
  if (!lost && byId("controls").checkValidity()) return void refresh();
  byId("download").hidden = lost;
  byId("workbench").classList.add("unanswered");
  byId("state").textContent = text("not-asked");
}

begin();
byId("controls").addEventListener("input", changed);
byId("controls").addEventListener("submit", (event) => event.preventDefault());
byId("download-form").addEventListener("input", () => {
  link.remember();
  showLines();
});
byId("level").addEventListener("change", () => {
  link.remember();
  if (outlook) showRisk(outlook, meant);
});
byId("make-report")?.addEventListener("click", makeReport);
