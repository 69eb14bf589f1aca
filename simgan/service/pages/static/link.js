// The settings of a page in its address, so that a link shows the same.

import { byId } from "./page.js";

const OTHERS = ["lang", "weights"]; // words of an address that belong to no field

/** Settings by the ids of their fields and of their checkboxes, and the fields of weights. */
export class Link {
  constructor(fields, checks, weights) {
    const there = (id) => byId(id);
    this.fields = fields.filter(there); // one asset has no "of"
    this.checks = checks.filter(there);
    this.weights = weights;
  }

  /** Write the settings that are not those by default into the address. */
  remember() {
    const query = new URLSearchParams(location.search);
    const keep = (id, value, isKept) => (isKept ? query.set(id, value) : query.delete(id));
    for (const id of this.fields) keep(id, byId(id).value, byId(id).value !== initial(byId(id)));
    for (const id of this.checks) keep(id, "1", byId(id).checked);
    const shares = this.weights.map((one) => one.value).join(",");
    keep("weights", shares, this.weights.some((one) => one.value !== one.defaultValue));
    const words = query.size ? `?${query}` : "";
    history.replaceState(null, "", `${location.pathname}${words}${location.hash}`);
  }

  /** Take the settings out of the address. Give the words that this page cannot take. */
  recall() {
    const query = new URLSearchParams(location.search);
    const ignored = new Set([...query.keys()].filter((id) => !this.#knows(id)));
    for (const id of this.fields)
      if (query.has(id) && !took(byId(id), query.get(id))) ignored.add(id);
    for (const id of this.checks) {
      byId(id).checked = query.get(id) === "1";
      if (query.has(id) && !byId(id).checked) ignored.add(id);
    }
    if (query.has("weights") && !this.#tookWeights(query.get("weights").split(",")))
      ignored.add("weights");
    return [...ignored].map((id) => [id, query.get(id)]);
  }

  #knows(id) {
    return [...this.fields, ...this.checks, ...OTHERS].includes(id);
  }

  #tookWeights(values) {
    const areAll = this.weights.length > 0 && values.length === this.weights.length;
    return areAll && this.weights.every((field, i) => took(field, values[i]));
  }
}

/** The value of a field before anybody changed it. */
function initial(field) {
  if (!field.options) return field.defaultValue;
  const options = [...field.options];
  return (options.find((one) => one.defaultSelected) ?? options[0]).value;
}

const SHAPES = {
  date: /^\d{4}-\d\d-\d\d$/,
  number: /^-?[\d.]+(e[+-]?\d+)?$/i,
  range: /^\d+$/,
};

/** Set a field, or leave it as it was where the value is not possible. */
function took(field, value) {
  if (value !== "" && SHAPES[field.type]?.test(value) === false) return false;
  const before = field.value;
  field.value = value;
  if (value !== "" && field.value === value && field.checkValidity()) return true;
  field.value = before;
  return value === "" && before === ""; // such as an asset that is not chosen
}
