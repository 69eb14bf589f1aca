// Which of four charts is real? The score stays in the session of the browser.

import { Chart, windowOf } from "./charts.js";
import { ask, byId, dataOf, digits, percent, tell, text, whole } from "./page.js";

const { name } = dataOf("model");
const path = `/v1/models/${encodeURIComponent(name)}/real-or-fake`;
const key = `simgan:guesses:${name}`;
const buttons = [...document.querySelectorAll("[data-guess]")];
const charts = buttons.map((button) => new Chart(button.querySelector(".chart"), 190));
const CHANCE = 0.25;
let round = null;
let score = JSON.parse(sessionStorage.getItem(key) ?? '{"right": 0, "all": 0}');

/** Wilson's interval of a share, which holds the true one in 95 of 100 games. */
function interval(right, all) {
  const z = 1.959964;
  const middle = (right + (z * z) / 2) / (all + z * z);
  const half = (z / (all + z * z)) * Math.sqrt((right * (all - right)) / all + (z * z) / 4);
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}

function showScore() {
  const { right, all } = score;
  byId("forget").hidden = all === 0;
  if (!all) {
    byId("score").textContent = text("no-score");
    byId("meaning").textContent = "";
    drawScore(null);
    return;
  }
  const [low, high] = interval(right, all);
  byId("score").textContent = text("score", {
    right: whole(right),
    all: whole(all),
    share: percent(right / all, 0),
    low: percent(low, 0),
    high: percent(high, 0),
  });
  byId("meaning").textContent = text(
    low > CHANCE ? "sees-difference" : high < CHANCE ? "below-chance" : "like-chance",
  );
  drawScore([low, right / all, high]);
}

/** A bar of the interval, with the share in it and the level of chance. */
function drawScore(shares) {
  const [low, share, high] = shares ?? [0, 0, 0];
  byId("interval").setAttribute("x", 100 * low);
  byId("interval").setAttribute("width", 100 * (high - low));
  byId("share").setAttribute("x", Math.min(99, Math.max(0, 100 * share - 0.5)));
  for (const id of ["interval", "share"])
    byId(id).setAttribute("visibility", shares ? "visible" : "hidden");
}

/** Words for a chart, so that the game can be played without seeing it. */
function summary(values) {
  const moves = values.slice(1).map((value, i) => value / values[i] - 1);
  const mean = moves.reduce((sum, each) => sum + each * each, 0) / moves.length;
  return text("window", {
    last: digits(values.at(-1), 4),
    low: digits(Math.min(...values), 4),
    high: digits(Math.max(...values), 4),
    fall: percent(Math.min(...moves)),
    rise: percent(Math.max(...moves)),
    size: percent(Math.sqrt(mean)),
  });
}

async function next() {
  byId("answer").textContent = "";
  byId("next").hidden = true;
  try {
    round = { ...(await ask(`${path}?round=${Math.floor(Math.random() * 2 ** 31)}`)), done: false };
    byId("asset").textContent = text("charts-of", { asset: round.asset });
    reveal(true);
    round.charts.forEach((values, i) => {
      buttons[i].classList.remove("real", "wrong");
      buttons[i].disabled = false;
      buttons[i].querySelector(".mark").textContent = "";
      buttons[i].querySelector(".summary").textContent = summary(values);
      charts[i].show(windowOf(values));
    });
    tell(byId("problem"), null);
  } catch (error) {
    reveal(round !== null);
    tell(byId("problem"), error);
  }
}

/** Show the charts and their asset, or nothing in their place. */
function reveal(areThere) {
  for (const part of [byId("asset"), byId("windows")]) part.hidden = !areThere;
}

async function guess(i) {
  if (!round || round.done) return;
  round.done = true;
  try {
    const { right, answer } = await ask(path, {
      method: "POST",
      json: { token: round.token, guess: i },
    });
    score = { right: score.right + (right ? 1 : 0), all: score.all + 1 };
    sessionStorage.setItem(key, JSON.stringify(score));
    buttons.forEach((button, place) => {
      button.disabled = true;
      button.classList.toggle("real", place === answer);
      button.classList.toggle("wrong", place === i && !right);
      button.querySelector(".mark").textContent = place === answer ? text("real") : text("made");
    });
    byId("answer").textContent = text(right ? "guess-right" : "guess-wrong", { n: answer + 1 });
    byId("next").hidden = false;
    byId("next").focus({ preventScroll: true });
    showScore();
  } catch (error) {
    round.done = false;
    tell(byId("problem"), error);
  }
}

buttons.forEach((button, i) => button.addEventListener("click", () => guess(i)));
byId("next").addEventListener("click", next);
byId("forget").addEventListener("click", () => {
  score = { right: 0, all: 0 };
  sessionStorage.removeItem(key);
  showScore();
});
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if ("1234".includes(event.key) && event.key.length === 1) guess(Number(event.key) - 1);
});
showScore();
next();
