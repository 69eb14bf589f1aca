// The file of the scenarios, and the lines that make the same elsewhere.

import { byId, element, expectFile, tell, text } from "./page.js";
import { linesFor, pathOf } from "./lines.js";

const button = byId("file"); // missing where the token may not draw

/** Why no file has these settings, or nothing. */
function faultOf() {
  if (!byId("download-n").checkValidity()) return text("download-n");
  return byId("format").value === "npy" && byId("layout").value === "long" ? text("npy-wide") : "";
}

/** Disable the choices that do not go together. */
function arrange() {
  const option = (id, value) => byId(id).querySelector(`[value=${value}]`);
  option("layout", "long").disabled = byId("format").value === "npy";
  option("format", "npy").disabled = byId("layout").value === "long";
}

/** Show the link to a file of drawn scenarios, and the lines that make the same. */
export function showFile(model, drawn, address) {
  arrange();
  const fault = faultOf();
  byId("file-problem").hidden = !fault;
  byId("file-problem").textContent = fault;
  for (const line of document.querySelectorAll(".line")) line.hidden = !!fault;
  if (button) button.ariaDisabled = String(!!fault);
  button?.removeAttribute("href");
  if (fault) return;
  const format = byId("format").value;
  const sample = {
    n: Number(byId("download-n").value),
    ...drawn,
    values: byId("values").value,
    layout: byId("layout").value,
  };
  if (button) button.href = `${address}/scenarios?${pathOf({ ...sample, format })}`;
  const lines = linesFor(model, sample, format, location.origin + address);
  for (const [kind, line] of Object.entries(lines)) byId(kind).textContent = line;
}

/** Download the file, or say why there is none: a browser would not. */
async function download(event) {
  event.preventDefault();
  const { href } = button;
  if (!href || button.ariaBusy === "true") return;
  button.ariaBusy = "true";
  byId("file-state").textContent = text("drawing");
  try {
    await expectFile(href);
    tell(byId("file-problem"), null);
    element("a", { href, download: true }).click();
  } catch (error) {
    tell(byId("file-problem"), error);
  }
  button.ariaBusy = "false";
  byId("file-state").textContent = "";
}

button?.addEventListener("click", download);
byId("download-form").addEventListener("submit", (event) => event.preventDefault());
