// The condition of a stress: in the words of the product, and in those of the reader.

import { byId, digits, text } from "./page.js";

const lowered = (x) => Math.log1p(-x);
const MEASURES = {
  lower: (x) => ["cumulative", "<", lowered(x)],
  dips: (x) => ["min-cumulative", "<", lowered(x)],
  drawdown: (x) => ["max-drawdown", ">", x],
  volatile: (x) => ["realized-volatility", ">", x],
  higher: (x) => ["cumulative", ">", Math.log1p(x)],
};
const UNBOUNDED = ["volatile", "higher"]; // of the others 100 % is all

/** The condition in the words of the product, or nothing. */
export function given() {
  const make = MEASURES[byId("condition").value];
  if (!make) return "";
  const [measure, sign, bound] = make(Number(byId("bound").value) / 100);
  const asset = byId("of")?.value;
  return `${asset ? `${asset}:` : ""}${measure}${sign}${Number(bound.toFixed(4))}`;
}

/** The condition in the words of the reader. */
export function condition() {
  const of = byId("of");
  const facts = { asset: of?.value };
  const ofBook = { price: text("price-book"), of: text("whose-book") };
  const ofAsset = { price: text("price-of", facts), of: text("whose-of", facts) };
  return text(`condition-${byId("condition").value}`, {
    bound: `${digits(Number(byId("bound").value), 6)}\u00a0%`,
    ...(!of ? { price: text("price"), of: "" } : of.value ? ofAsset : ofBook),
  });
}

/** Show the fields of a condition where there is one, and the bounds that are possible. */
export function arrangeCondition() {
  const chosen = byId("condition").value;
  byId("bound-fields").hidden = byId("expression").hidden = !chosen;
  byId("bound").disabled = !chosen;
  byId("bound").max = UNBOUNDED.includes(chosen) ? "" : "99.9";
  byId("expression").textContent = `--given "${given()}"`;
}
