// VaR and ES of the levels: a table, the parts of the assets, and the profit in a chart.

import { Chart, distribution, distributionReader } from "./charts.js";
import { byId, dayCount, element, level, moneyOf, percent, text, whole } from "./page.js";

const BEYOND = 20; // scenarios of equal weight beyond a level
const SLACK = 1e-6; // of a number that is not exact
const chart = new Chart(byId("distribution"), 240, byId("distribution-reader"));

/** Show the risk of an outlook, whose condition is in the words of the reader. */
export function showRisk(outlook, condition) {
  const rows = outlook.risk;
  const chosen = rows.find((one) => String(one.level) === byId("level").value) ?? rows[0];
  const money = moneyOf(outlook.position);
  chart.show(distribution(outlook, chosen), distributionReader(outlook, chosen, money));
  byId("risk-caption").textContent = captionOf(outlook, condition);
  byId("risk").replaceChildren(
    ...rows.map((one) =>
      element(
        "tr",
        one === chosen ? { class: "chosen" } : {},
        element("th", { scope: "row" }, level(one.level)),
        ...cellsOf(one, outlook),
      ),
    ),
  );
  byId("few").hidden = rows.every((one) => one.reason === null);
  const few = text("few", { worth: whole(outlook.effective_scenarios) });
  const remedy = text(canMoreHelp(outlook) ? "remedy-more" : "remedy-milder");
  byId("few").textContent = `${few} ${remedy}`;
  showParts(outlook, chosen);
}

/** Whether the most scenarios that can be chosen may be worth enough for a level that has none. */
function canMoreHelp({ risk, scenarios, effective_scenarios: worth }) {
  const most = Math.max(...[...byId("n").options].map((one) => one.value));
  const missing = risk.filter((one) => one.reason !== null);
  return missing.some((one) => (worth * most) / scenarios >= BEYOND / (1 - one.level) - SLACK);
}

function captionOf({ position, horizon, risk }, condition) {
  const facts = { position: moneyOf(position)(position), days: dayCount(horizon), condition };
  const caption = text(condition ? "risk-given" : "risk-of", facts);
  const isGain = risk.some((one) => one.value_at_risk < 0 || one.expected_shortfall < 0);
  return isGain ? `${caption} ${text("gains")}` : caption;
}

const below = (words) => element("span", { class: "below" }, words);

/** The cells of VaR and ES: money, its error, and the share of the position. */
function cellsOf(estimate, { position }) {
  if (estimate.value_at_risk === null)
    return [0, 1].map(() => element("td", { class: "missing" }, text("too-few")));
  const money = moneyOf(position);
  const cell = (value, error) =>
    element(
      "td",
      {},
      element("b", {}, money(value)),
      below(`±\u00a0${money(error)}`),
      below(percent(value / Math.abs(position), 2)),
    );
  return [
    cell(estimate.value_at_risk, estimate.value_at_risk_error),
    cell(estimate.expected_shortfall, estimate.expected_shortfall_error),
  ];
}

/** The parts of the assets of a book, the largest first, and their sum. */
function showParts(outlook, chosen) {
  byId("parts-field").hidden = !chosen.parts.length;
  if (!chosen.parts.length) return;
  const largest = chosen.parts.toSorted((a, b) => b.expected_shortfall - a.expected_shortfall);
  const sum = chosen.parts.reduce((total, part) => total + part.weight, 0);
  const row = (name, weight, estimate) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, name, below(percent(weight, 1))),
      ...cellsOf(estimate, outlook),
    );
  byId("parts-caption").textContent = text("parts", { level: level(chosen.level) });
  byId("parts").replaceChildren(
    ...largest.map((part) => row(part.asset, part.weight, part)),
    row(text("parts-sum"), sum, chosen),
  );
}
