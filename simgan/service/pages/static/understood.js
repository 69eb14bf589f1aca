// A price file as it was understood: days, columns, repairs, and its first and last rows.

import { byId, day, dayCount, digits, element, text, whole } from "./page.js";

/** A sentence about a file with the names of fields of the page. */
export function plain(sentence) {
  const named = (field) => `“${byId(`${field}-name`).textContent}”`;
  return sentence
    .replace("on_bad_rows=drop", () => named("drop"))
    .replace(/\b(start|end)=(?=\d)/g, (_, field) => `${named(field)} `)
    .replace(/\bcolumn=(?=['"])/g, () => `${named("column")} `)
    .replace(/(\bwith |\()column\b/g, (_, before) => before + named("column"));
}

/** The assets of a file: one in full, several behind their names. */
export function sheetsOf(assets) {
  if (assets.length === 1) {
    return [
      element("section", { class: "sheet" }, element("h2", {}, assets[0].name), ...of(assets[0])),
    ];
  }
  return assets.map((asset) =>
    element(
      "details",
      { class: "sheet" },
      element("summary", {}, element("b", {}, asset.name), ` ${spanOf(asset)}`),
      ...(asset.refused ? [problemOf(asset)] : []),
      ...of(asset),
    ),
  );
}

/** The days of an asset, or nothing where its prices are refused before any day is known. */
function spanOf({ days, first, last }) {
  return first ? text("sheet-span", { n: dayCount(days), first: day(first), last: day(last) }) : "";
}

function of(asset) {
  return [
    factsOf(asset),
    ...listOf("warnings", "told warned", asset.warnings),
    ...listOf("repairs", "told", asset.repairs),
    ...(asset.first_rows?.length ? [sampleOf(asset)] : []),
  ];
}

function problemOf(asset) {
  return element("p", { class: "problem", lang: "en" }, plain(asset.refused));
}

function sampleOf(asset) {
  const name = text("sheet-sample", { name: asset.name });
  const facts = { class: "scroll", tabindex: 0, role: "region", "aria-label": name };
  return element("div", facts, tableOf(asset, name));
}

function factsOf(asset) {
  const { column, dates, layout, separator, numbers, encoding, ...facts } = asset.facts ?? {};
  const rows = [
    ["sheet-days", [spanOf(asset)]],
    ["sheet-rows", [asset.rows && whole(asset.rows)]],
    ["sheet-column", [column]],
    ["sheet-dates", [[facts["date column"], dates].filter(Boolean).join(": ")]],
    ["sheet-format", [layout, separator, numbers, encoding]],
  ];
  const told = rows.map(([key, values]) => [text(key), values.filter(Boolean).join(", ")]);
  return element(
    "dl",
    { class: "sheet-facts" },
    ...told
      .filter(([, value]) => value)
      .map(([name, value]) =>
        element("div", {}, element("dt", {}, name), element("dd", {}, value)),
      ),
  );
}

function listOf(key, kind, sentences = []) {
  const items = sentences.map((one) => element("li", {}, plain(one)));
  const list = element("ul", { lang: "en" }, ...items);
  return items.length ? [element("div", { class: kind }, text(key), list)] : [];
}

/** The prices of rows, with their names. Beside a raw close, the price is an adjusted one. */
function pricesOf(rows) {
  const has = (key) => rows.some((row) => row[key] != null);
  const keys = [
    ["open", "open"],
    ["high", "high"],
    ["low", "low"],
    ["raw close", "close"],
    ["close", has("raw close") ? "adjusted" : "close"],
  ];
  return keys.filter(([key]) => has(key));
}

/** The first and last rows, with the prices that the file has. */
function tableOf(asset, name) {
  const rows = [...(asset.first_rows ?? []).slice(0, 2), ...(asset.last_rows ?? []).slice(-2)];
  const prices = pricesOf(rows);
  const head = ["date", ...prices.map(([, label]) => label)].map((label) =>
    element("th", { scope: "col" }, text(`sheet-${label}`)),
  );
  const price = (row, key) => element("td", {}, row[key] == null ? "–" : digits(row[key], 7));
  const lines = rows.map((row) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, day(row.date)),
      ...prices.map(([key]) => price(row, key)),
    ),
  );
  return element(
    "table",
    {},
    element("caption", {}, name),
    element("thead", {}, element("tr", {}, ...head)),
    element("tbody", {}, ...lines),
  );
}
