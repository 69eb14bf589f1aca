// What every page shares: texts, numbers and dates of the reader's language, requests, copying.

const root = document.documentElement.dataset.root;
const language = document.documentElement.lang;
const texts = JSON.parse(document.getElementById("texts").textContent);

export const byId = (id) => document.getElementById(id);
export const at = (path) => root + path;

/** The data that the server put into the page under an id. */
export const dataOf = (id) => JSON.parse(byId(id).textContent);

/** A text of the reader's language, with facts in the place of its {names}. */
export function text(key, facts = {}) {
  return texts[key].replace(/\{(\w+)\}/g, (whole, name) => facts[name] ?? whole);
}

/** A text where there is one, or nothing. */
export const known = (key) => texts[key];

const formats = new Map();
function formatted(value, options) {
  const key = JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.NumberFormat(language, options));
  return formats.get(key).format(value);
}
export const whole = (value) => formatted(value, { maximumFractionDigits: 0 });
export const short = (value) =>
  formatted(value, { notation: "compact", maximumSignificantDigits: 3 });
/** How to write money: whole units, or few digits where a position is too large for a table. */
export const moneyOf = (position) =>
  Math.abs(position) < 1e9
    ? whole
    : (value) => formatted(value, { notation: "compact", maximumSignificantDigits: 5 });
export const digits = (value, most = 4) => formatted(value, { maximumSignificantDigits: most });
/** A share as the reports write it: 25 %. */
export const percent = (value, places = 1) =>
  `${formatted(100 * value, { minimumFractionDigits: places, maximumFractionDigits: places })}\u00a0%`;
export const level = (value) => `${formatted(100 * value, { maximumFractionDigits: 2 })}\u00a0%`;

const days = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeZone: "UTC" });
const moments = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
export const day = (iso) => days.format(new Date(`${iso.slice(0, 10)}T00:00:00Z`));
export const moment = (iso) => moments.format(new Date(iso));

/** A number of days in words: 1 day, 2,879 days. */
export const dayCount = (value) =>
  formatted(value, { style: "unit", unit: "day", unitDisplay: "long", maximumFractionDigits: 0 });

/** Seconds in words of the reader's language. */
export function duration(seconds) {
  const [value, unit] =
    seconds < 90
      ? [Math.max(1, Math.round(seconds)), "second"]
      : seconds < 5400
        ? [Math.round(seconds / 60), "minute"]
        : [Math.round(seconds / 360) / 10, "hour"];
  return formatted(value, { style: "unit", unit, unitDisplay: "long" });
}

/** An answer that is no success, with the sentence of the service. */
export class Problem extends Error {
  constructor(status, detail, key = `refused-${status}`) {
    super(detail);
    this.status = status;
    this.key = key in texts ? key : "refused";
  }
}

/** Ask the service. Give its JSON, or throw a Problem. */
export async function ask(path, options = {}) {
  const method = options.method ?? "GET";
  const headers = { Accept: "application/json", ...options.headers };
  if (method !== "GET")
    headers["X-CSRF-Token"] = document.querySelector("meta[name=csrf-token]").content;
  if (options.json !== undefined) headers["Content-Type"] = "application/json";
  const body = options.json === undefined ? options.body : JSON.stringify(options.json);
  const answer = await fetch(at(path), { ...options, method, headers, body });
  if (answer.status === 401 && path !== "/v1/session") {
    location.assign(at(`/login?next=${encodeURIComponent(location.pathname + location.search)}`));
  }
  return dataIn(answer);
}

/** The JSON of an answer. Throw a Problem where it is no success. */
async function dataIn(answer) {
  const content = await answer.text();
  let data = null;
  try {
    data = content ? JSON.parse(content) : null;
  } catch {
    throw new Problem(answer.status, `${answer.status} ${answer.statusText}`);
  }
  if (!answer.ok) throw new Problem(answer.status, data?.detail ?? `${answer.status}`);
  return data;
}

/** Ask for a file, and leave where it begins. Throw a Problem where there is none. */
export async function expectFile(address) {
  const leaving = new AbortController();
  const answer = await fetch(address, { signal: leaving.signal });
  if (!answer.ok) await dataIn(answer);
  leaving.abort();
}

/** Say a problem in an element of role alert, or hide it where there is none. */
export function tell(place, error) {
  place.hidden = !error;
  const reason = error instanceof Problem ? said(error.key, error.message) : [];
  if (error && !reason.length) reason.push(text("problem", { detail: error.message }));
  place.replaceChildren(...reason);
}

/** A text, and behind a colon the English sentence of the service that it introduces. */
export function said(key, sentence) {
  const intro = text(key);
  return intro.endsWith(":")
    ? [`${intro} `, element("span", { lang: "en" }, sentence)]
    : [intro];
}

/** Make an element with attributes and children. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(key, "");
    else if (value !== false && value != null) made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

/** Wait until nothing was asked for a moment, then do it. */
export function settled(action, wait = 200) {
  let timer;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...given), wait);
  };
}

async function copied(event) {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  const content = byId(button.dataset.copy).textContent;
  try {
    await navigator.clipboard.writeText(content);
  } catch {
    // not allowed here: select it, so that the reader can copy it
    getSelection().selectAllChildren(byId(button.dataset.copy));
    return;
  }
  const before = button.textContent;
  button.textContent = text("copied");
  setTimeout(() => (button.textContent = before), 1500);
}

async function left() {
  await ask("/v1/session", { method: "DELETE" });
  location.assign(at("/login"));
}

byId("leave")?.addEventListener("click", left);
document.addEventListener("click", copied);
for (const one of document.querySelectorAll("time[datetime]")) one.textContent = day(one.dateTime);
for (const one of document.querySelectorAll("[data-whole]"))
  one.textContent = whole(one.dataset.whole);
