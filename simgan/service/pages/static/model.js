// One model: the coming days, risk, stress, and lines that make the same elsewhere.

import { Chart, distribution, distributionReader, fan, fanReader } from "./charts.js";
import {
  ask,
  at,
  byId,
  dataOf,
  day,
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
import { linesFor, pathOf } from "./lines.js";

const model = dataOf("model");
const path = `/v1/models/${encodeURIComponent(model.name)}`;
const settings = "horizon start day position condition bound of n seed level";
const fields = settings.split(" ").filter((id) => byId(id)); // one asset has no "of"
const checks = ["daily", "paths"].filter((id) => byId(id));
const weights = [...document.querySelectorAll("[data-asset]")];
const fanChart = new Chart(byId("fan"), 340, byId("fan-reader"));
const tailChart = new Chart(byId("distribution"), 240, byId("distribution-reader"));
const figures = ["given", "fan", "fan-reader", "fan-table", "risk-figures"].map(byId);
const PATIENCE = 4000; // milliseconds, after which a reader wants to know why
let outlook = null;
let running = null;

const MEASURES = {
  lower: (x) => ["cumulative", "<", Math.log1p(-x)],
  dips: (x) => ["min-cumulative", "<", Math.log1p(-x)],
  drawdown: (x) => ["max-drawdown", ">", x],
  volatile: (x) => ["realized-volatility", ">", x],
  higher: (x) => ["cumulative", ">", Math.log1p(x)],
};

/** The condition in the words of the product, or nothing. */
function given() {
  const make = MEASURES[byId("condition").value];
  if (!make) return "";
  const [measure, sign, bound] = make(Number(byId("bound").value) / 100);
  const asset = byId("of")?.value;
  return `${asset ? `${asset}:` : ""}${measure}${sign}${Number(bound.toFixed(4))}`;
}

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
  byId("horizon-shown").textContent = text("days", { n: byId("horizon").value });
  byId("horizon").setAttribute("aria-valuetext", byId("horizon-shown").textContent);
  byId("position-shown").textContent = whole(byId("position").value);
  byId("day-field").hidden = byId("start").value !== "day";
  byId("bound-fields").hidden = !byId("condition").value;
  byId("expression").hidden = !byId("condition").value;
  byId("expression").textContent = `--given "${given()}"`;
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
    outlook = await ask(`${path}/outlook?${pathOf(wanted())}`, { signal });
    tell(byId("problem"), null);
    show();
    dim(false);
    byId("state").textContent = drawnOf(outlook);
    byId("notes").replaceChildren(...(outlook.notes ?? []).map((one) => element("li", {}, ...said("note", one))));
  } catch (error) {
    if (error.name === "AbortError") return;
    byId("state").textContent = "";
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
function conditionOf({ given, probability, standard_error: error }) {
  if (!given) return "";
  const share = percent(probability, probability < 0.01 ? 4 : 2);
  return error == null
    ? text("given-rare", { given, share })
    : text("given", { given, share, error: percent(error, probability < 0.01 ? 4 : 2) });
}

const money = (value) => whole(value);

function show() {
  fanChart.show(fan(outlook, byId("paths").checked), fanReader(outlook));
  byId("given").textContent = conditionOf(outlook);
  byId("given").hidden = !outlook.given;
  byId("after-key").hidden = outlook.after.values.length < 2;
  byId("fan").setAttribute(
    "aria-label",
    `${byId("fan-title").textContent}. ${byId("fan-reader").textContent}`,
  );
  showTable();
  showLevels();
  showRisk();
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
      ...values.map((one) => element("td", {}, digits(one[step], 5))),
    ),
  );
  byId("fan-table").replaceChildren(
    element("caption", {}, text("quantiles")),
    element("thead", {}, head),
    element("tbody", {}, ...rows),
  );
}

function showLevels() {
  const chosen = byId("level").value || new URLSearchParams(location.search).get("level");
  byId("level").replaceChildren(
    ...outlook.risk.map((one) => element("option", { value: one.level }, level(one.level))),
  );
  if (outlook.risk.some((one) => String(one.level) === chosen)) byId("level").value = chosen;
}

function showRisk() {
  const chosen =
    outlook.risk.find((one) => String(one.level) === byId("level").value) ?? outlook.risk[0];
  tailChart.show(distribution(outlook, chosen), distributionReader(outlook, chosen, money));
  const cell = (value, error) => {
    const share = percent(value / Math.abs(outlook.position), 2);
    const below = element("span", { class: "below" }, `± ${money(error)} · ${share}`);
    return element("td", {}, element("b", {}, money(value)), below);
  };
  byId("risk-caption").textContent = text(outlook.given ? "risk-given" : "risk-of", {
    position: money(outlook.position),
    n: outlook.horizon,
    given: outlook.given,
  });
  byId("risk").replaceChildren(
    ...outlook.risk.map((one) =>
      element(
        "tr",
        one === chosen ? { class: "chosen" } : {},
        element("th", { scope: "row" }, level(one.level)),
        cell(one.value_at_risk, one.value_at_risk_error),
        cell(one.expected_shortfall, one.expected_shortfall_error),
      ),
    ),
  );
}

/** The link to a file, and the lines that make the same. Shares are those of its condition. */
function showLines() {
  const { horizon, as_of, seed, given: condition, weights: held, rebalance } = wanted();
  const isOfBook = weights.length && condition && !byId("of").value;
  const n = Number(byId("download-n").value || 1);
  const sample = {
    n,
    horizon,
    as_of,
    given: condition,
    ...(isOfBook ? { weights: held, rebalance } : {}),
    seed,
    values: byId("values").value,
    layout: byId("layout").value,
  };
  const format = byId("format").value;
  byId("file").href = `${at(path)}/scenarios?${pathOf({ ...sample, format })}`;
  const lines = linesFor(model, sample, format, location.origin + at(path));
  for (const [kind, line] of Object.entries(lines)) byId(kind).textContent = line;
}

/** Keep the settings in the address, so that a link shows the same. */
function remember() {
  const query = new URLSearchParams(location.search);
  for (const id of fields) {
    const field = byId(id);
    if (field.options?.length === 0) continue; // its choices come with the outlook
    const initial = field.options
      ? ([...field.options].find((one) => one.defaultSelected) ?? field.options[0])
      : field;
    if (field.value === (field.options ? initial.value : field.defaultValue)) query.delete(id);
    else query.set(id, field.value);
  }
  for (const id of checks) {
    if (byId(id).checked) query.set(id, "1");
    else query.delete(id);
  }
  if (weights.some((one) => one.value !== one.defaultValue))
    query.set("weights", weights.map((one) => one.value).join(","));
  else query.delete("weights");
  history.replaceState(
    null,
    "",
    `${location.pathname}${query.size ? `?${query}` : ""}${location.hash}`,
  );
}

function recall() {
  const query = new URLSearchParams(location.search);
  for (const id of fields) if (query.has(id)) byId(id).value = query.get(id);
  for (const id of checks) byId(id).checked = query.has(id);
  query
    .get("weights")
    ?.split(",")
    .forEach((value, i) => weights[i] && (weights[i].value = value));
  if (!byId("start").value) byId("start").value = "latest";
  slideBack();
}

const later = settled(refresh);
function changed(event) {
  if (event.target.id === "day-slider") slide();
  if (event.target.id === "day") slideBack();
  arrange();
  remember();
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

recall();
arrange();
showLines();
byId("controls").addEventListener("input", changed);
byId("controls").addEventListener("submit", (event) => event.preventDefault());
byId("download-form").addEventListener("input", showLines);
byId("download-form").addEventListener("submit", (event) => event.preventDefault());
byId("level").addEventListener("change", () => {
  remember();
  showRisk();
});
byId("make-report")?.addEventListener("click", makeReport);
refresh();
