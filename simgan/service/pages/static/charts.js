// Charts with uPlot in the colours of the reports. Each can be read with the arrow keys, too.

import { day, digits, level, percent, short, text } from "./page.js";

const dark = matchMedia("(prefers-color-scheme: dark)");
const colour = (name) =>
  getComputedStyle(document.documentElement).getPropertyValue(`--fig-${name}`).trim();
const ink = () => colour("222222");

/** Axes in the colours of the page. */
function axis(more = {}) {
  return {
    stroke: ink(),
    grid: { stroke: colour("e3e3e3"), width: 1 },
    ticks: { show: false },
    font: `12px ${getComputedStyle(document.body).fontFamily}`,
    ...more,
  };
}

/** The name of an axis, beside its numbers. */
const named = (key) => ({
  label: text(key),
  labelSize: 18,
  labelFont: `12px ${getComputedStyle(document.body).fontFamily}`,
});

/**
 * Keep a chart in an element: as wide as it is, anew in another mode of colour.
 *
 * `make` gives uPlot's options and data. `read` tells an index of the data in words.
 */
export class Chart {
  constructor(place, height, readout = null) {
    this.place = place;
    this.height = height;
    this.readout = readout;
    this.plot = null;
    this.make = null;
    new ResizeObserver(() => this.#resize()).observe(place);
    dark.addEventListener("change", () => this.#draw());
    addEventListener("beforeprint", () => this.#resize());
    place.addEventListener("keydown", (event) => this.#move(event));
  }

  show(make, read = null) {
    this.make = make;
    this.read = read;
    this.#draw();
    if (this.readout && read) this.readout.replaceChildren(...read(null));
  }

  #size() {
    return { width: Math.max(200, this.place.clientWidth), height: this.height };
  }

  #resize() {
    if (this.plot && this.plot.width !== this.#size().width) this.plot.setSize(this.#size());
  }

  #draw() {
    if (!this.make) return;
    const { options, data } = this.make();
    this.plot?.destroy();
    this.place.replaceChildren();
    const hooks = { ...options.hooks };
    if (this.readout && this.read) {
      hooks.setCursor = [(plot) => this.readout.replaceChildren(...this.read(plot.cursor.idx))];
    }
    const common = { legend: { show: false }, ...this.#size(), ...options, hooks };
    this.plot = new uPlot(common, data, this.place);
  }

  #move(event) {
    const steps = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 };
    if (!this.plot || !(event.key in steps)) return;
    event.preventDefault();
    const xs = this.plot.data[0];
    const now = this.plot.cursor.idx ?? Math.floor(xs.length / 2);
    const next = Math.min(xs.length - 1, Math.max(0, now + steps[event.key]));
    this.plot.setCursor({ left: this.plot.valToPos(xs[next], "x"), top: this.height / 2 });
  }
}

const MOST = 250; // days of history in a fan

/** The history of an outlook, cut so that the days ahead have a quarter of the width or more. */
function historyOf(outlook) {
  const kept = Math.min(MOST, Math.max(60, 3 * outlook.horizon)) + 1;
  return { days: outlook.history.days.slice(-kept), values: outlook.history.values.slice(-kept) };
}

const BANDS = [
  ["0.01", "0.99", "cfe3f1"],
  ["0.05", "0.95", "9fc7e3"],
  ["0.25", "0.75", "62a5d0"],
];

/** The columns of a fan: history before day 0, quantiles and paths after it. */
function columnsOf(outlook, withPaths) {
  const { quantiles, after, paths } = outlook;
  const history = historyOf(outlook);
  const past = history.values.length - 1;
  const ahead = outlook.horizon;
  const gap = Array(past).fill(null);
  const none = Array(ahead).fill(null);
  const xs = Array.from({ length: past + ahead + 1 }, (_, i) => i - past);
  const future = (values) => [...gap, ...values, ...none].slice(0, xs.length);
  return {
    xs,
    past,
    days: history.days,
    history: [...history.values, ...none],
    quantile: Object.fromEntries(
      quantiles.levels
        .map((q, i) => [String(q), quantiles.values[i]])
        .filter(([, values]) => values) // null where the scenarios are worth too few
        .map(([q, values]) => [q, future(values)]),
    ),
    after: after.values.length > 1 ? future(after.values) : null,
    paths: withPaths ? paths.map(future) : [],
  };
}

/** The day of a step from the start: a date of the history, or the number of days ahead. */
function dayOf(columns, step) {
  if (step > 0) return text("day-ahead", { n: step });
  const date = columns.days[step + columns.past];
  if (!date && step === 0) return text("at-start");
  return date ? day(date) : text("day-before", { n: -step });
}

const areKnown = (columns, low, high) => low in columns.quantile && high in columns.quantile;

/** A fan of scenarios behind the real history. */
export function fan(outlook, withPaths) {
  return () => {
    const columns = columnsOf(outlook, withPaths);
    const drawn = BANDS.filter(([low, high]) => areKnown(columns, low, high));
    const names = drawn.flatMap(([low, high]) => [low, high]);
    const hidden = { stroke: "transparent", width: 0, points: { show: false } };
    const line = (stroke, width, more = {}) => ({
      stroke,
      width,
      points: { show: false },
      ...more,
    });
    const rows = [
      ...names.map((name) => [hidden, columns.quantile[name]]),
      ...columns.paths.map((path) => [line(colour("004c78"), 0.7, { alpha: 0.55 }), path]),
      [line(ink(), 1.6), columns.history],
    ];
    if (columns.quantile["0.5"]) rows.push([line(colour("0072b2"), 2), columns.quantile["0.5"]]);
    if (columns.after) rows.push([line(colour("d55e00"), 2), columns.after]);
    return {
      options: {
        series: [{}, ...rows.map(([series]) => series)],
        bands: drawn.map(([, , name], i) => ({
          series: [2 * i + 2, 2 * i + 1],
          fill: colour(name),
        })),
        scales: { x: { time: false } },
        axes: [
          axis({
            space: 90,
            size: 30,
            values: (_, steps) => steps.map((step) => dayOf(columns, step)),
          }),
          axis({ size: 58, values: (_, values) => values.map((each) => digits(each, 6)) }),
        ],
        cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
        hooks: {
          drawAxes: [(plot) => upright(plot, 0, { stroke: colour("777777"), dash: [4, 4] })],
        },
      },
      data: [columns.xs, ...rows.map(([, values]) => values)],
    };
  };
}

/** The sentence, if any, below a fan for the day under the cursor, or for the last one. */
export function fanReader(outlook) {
  const columns = columnsOf(outlook, false);
  return (index) => {
    const i = index ?? columns.xs.length - 1;
    const step = columns.xs[i];
    const when = dayOf(columns, step);
    const known = columns.history[i];
    if (step <= 0)
      return [text("read-history", { day: when, value: known == null ? "–" : digits(known, 6) })];
    const happened = columns.after?.[i];
    const value = happened == null ? null : digits(happened, 5);
    if (!areKnown(columns, "0.05", "0.95"))
      return value === null ? [] : [text("read-history", { day: when, value })];
    const at = (q) => digits(columns.quantile[q][i], 5);
    const facts = { day: when, low: at("0.05"), middle: at("0.5"), high: at("0.95") };
    const sentence = text("read-future", facts);
    return [value === null ? sentence : `${sentence} ${text("read-after", { value })}`];
  };
}

const LINE = 15; // pixels of a line of names

/** An upright line. Its name stands at its top, in a line of its own, on a side with room. */
function upright(plot, value, { stroke, dash = [], name = "", line = 0, isLeft = false }) {
  const { ctx, bbox } = plot;
  const x = Math.round(plot.valToPos(value, "x", true)) + 0.5;
  if (x < bbox.left - 1 || x > bbox.left + bbox.width + 1) return;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = stroke;
  ctx.lineWidth = 1.5 * devicePixelRatio;
  ctx.setLineDash(dash.map((each) => each * devicePixelRatio));
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.font = `600 ${12 * devicePixelRatio}px ${getComputedStyle(document.body).fontFamily}`;
  ctx.textBaseline = "top";
  const gap = 5 * devicePixelRatio;
  const needed = ctx.measureText(name).width + gap;
  const hasRoom = x - needed >= bbox.left;
  const goesLeft = x + needed > bbox.left + bbox.width || (isLeft && hasRoom);
  ctx.textAlign = goesLeft ? "right" : "left";
  ctx.fillText(name, x + (goesLeft ? -gap : gap), bbox.top + (2 + LINE * line) * devicePixelRatio);
  ctx.restore();
}

/** The probability of all bars, and of the profits beyond them. */
const wholeOf = ({ counts, below = 0, above = 0 }) =>
  counts.reduce((total, count) => total + count, below + above);

/** Profit and loss at the end, with VaR and ES of one level as lines. */
export function distribution(outlook, chosen) {
  const { edges, counts } = outlook.terminal;
  const sum = wholeOf(outlook.terminal);
  const middles = counts.map((_, i) => (edges[i] + edges[i + 1]) / 2);
  return () => {
    const bars = uPlot.paths.bars({ size: [1, Infinity], gap: 1 });
    const isMissing = chosen.value_at_risk === null; // worth too few for the level
    const isTail = (x) => !isMissing && x <= -chosen.value_at_risk;
    const of = (tail) => middles.map((x, i) => (isTail(x) === tail ? counts[i] / sum : null));
    const series = (name) => ({
      fill: colour(name),
      stroke: colour(name),
      width: 0,
      paths: bars,
      points: { show: false },
    });
    const es = { stroke: ink(), name: text("es"), dash: [5, 3], line: 1, isLeft: true };
    const lines = [
      [-chosen.value_at_risk, { stroke: ink(), name: text("var") }],
      [-chosen.expected_shortfall, es],
    ];
    return {
      options: {
        series: [{}, series("7fb6dc"), series("d55e00")],
        scales: {
          x: { time: false, range: () => [edges[0], edges[edges.length - 1]] },
          y: { range: (_, __, most) => [0, most * 1.12] },
        },
        axes: [
          axis({ space: 64, size: 30, values: (_, values) => values.map(short) }),
          axis({ size: 50, values: (_, values) => values.map((each) => percent(each, 1)) }),
        ],
        cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
        hooks: {
          draw: [(plot) => isMissing || lines.forEach((line) => upright(plot, ...line))],
        },
      },
      data: [middles, of(false), of(true)],
    };
  };
}

/** The sentence on VaR of a level. A VaR below zero is a gain that most scenarios exceed. */
function tailOf({ level: coverage, value_at_risk: loss }, money) {
  if (loss === null) return text("read-few", { level: level(coverage) });
  return loss < 0
    ? text("read-tail-gain", { level: level(coverage), value: money(-loss) })
    : text("read-tail", { level: percent(1 - coverage, 1), value: money(loss) });
}

/** The sentence below a distribution for the bar under the cursor. */
export function distributionReader(outlook, chosen, money) {
  const { edges, counts } = outlook.terminal;
  const sum = wholeOf(outlook.terminal);
  return (i) =>
    i == null
      ? [tailOf(chosen, money)]
      : [
          text("read-bar", {
            share: percent(counts[i] / sum, 2),
            low: money(edges[i]),
            high: money(edges[i + 1]),
          }),
        ];
}

/** A plain line of prices, for a guess. Its scale tells nothing of its origin. */
export function windowOf(values) {
  return () => ({
    options: {
      series: [{}, { stroke: ink(), width: 1.4, points: { show: false } }],
      scales: { x: { time: false } },
      axes: [
        axis({ space: 60, size: 24, ...named("axis-days") }),
        axis({ size: 40, values: (_, each) => each.map((one) => digits(one, 4)), ...named("axis-price") }),
      ],
      cursor: { show: false },
      padding: [8, 16, 0, 0],
    },
    data: [values.map((_, i) => i), values],
  });
}
