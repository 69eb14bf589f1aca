// One job: how far it is, its sentences, its end.

import { cancel, follow, isOver, resultOf, shareOf, stageOf, stateOf, subjectOf, timeOf } from "./jobs.js";
import { Problem, byId, dataOf, element, moment, said, tell, text } from "./page.js";

const { id } = dataOf("job");
const bar = byId("progress");
let newest = null;

function show(job) {
  newest = job;
  byId("title").textContent = `${text(`kind-${job.kind}`)}: ${subjectOf(job)}`;
  document.title = `${stateOf(job)} · ${byId("title").textContent} · simgan`;
  byId("state").textContent = stateOf(job);
  byId("state").className = `badge ${job.state}`;
  byId("created").textContent = moment(job.created);
  const share = shareOf(job);
  bar.hidden = isOver(job);
  if (share == null) bar.removeAttribute("value");
  else bar.value = share;
  byId("step").replaceChildren(...stageOf(job));
  byId("cancel").hidden = isOver(job) || Boolean(job.cancelling);
  const result = resultOf(job);
  byId("result").hidden = !result;
  if (result) Object.assign(byId("result"), { href: result.href, textContent: result.name });
  tell(byId("problem"), job.problem && new Problem(0, job.problem.detail, "failed"));
  const verdict = job.result?.verdict?.sentence;
  byId("verdict").replaceChildren(...(verdict ? said("verdict", verdict) : []));
  tick();
}

function tick() {
  if (newest) byId("time").textContent = timeOf(newest);
}

function note(sentence) {
  byId("log").append(element("li", {}, sentence));
  byId("said").hidden = false;
}

/** Divide the sentences of a later attempt from those before, of which it may say some again. */
function divide(attempt) {
  if (attempt === 1) return;
  const lang = document.documentElement.lang;
  byId("log").append(element("li", { class: "attempt", lang }, text("attempt", { n: attempt })));
}

byId("cancel").addEventListener("click", async () => {
  byId("cancel").disabled = true;
  try {
    show(await cancel(id));
  } catch (error) {
    tell(byId("problem"), error);
  }
  byId("cancel").disabled = false;
});

const clock = setInterval(() => (newest && isOver(newest) ? clearInterval(clock) : tick()), 1000);
follow(id, show, note, divide).catch((error) => tell(byId("problem"), error));
