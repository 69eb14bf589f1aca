// The same scenarios elsewhere: lines for a terminal, for Python and for curl.

const DEFAULTS = {
  as_of: "latest",
  seed: 0,
  values: "log-returns",
  layout: "wide",
  rebalance: "none",
};

/** The settings that are not those by default, in their order. */
function told(settings) {
  return Object.entries(settings).filter(
    ([name, value]) => value !== "" && value !== DEFAULTS[name],
  );
}

/** The query of a request. */
export const pathOf = (settings) => new URLSearchParams(told(settings)).toString();

/** A word of a command, quoted where a shell would read it otherwise. */
function word(value) {
  const plain = String(value);
  return /^[\w@%+=:,./-]+$/.test(plain) ? plain : `'${plain.replaceAll("'", `'"'"'`)}'`;
}

function commandFor(model, settings, file) {
  const options = told(settings).flatMap(([name, value]) => [
    `--${name.replace("_", "-")}`,
    word(value),
  ]);
  return ["simgan sample", word(model.name), ...options, "--out", word(file)].join(" ");
}

const literal = JSON.stringify; // of texts and numbers, as Python writes them

/** The call of a method that writes a file of a format. */
function writerFor(format, file, kept) {
  const arguments_ = kept.map(([name, value]) => `, ${name}=${literal(value)}`).join("");
  if (format === "csv" || format === "parquet")
    return `scenarios.to_${format}(${literal(file)}${arguments_})`;
  return `with open(${literal(file)}, "wb") as sink:\n    scenarios.to_stream(sink, ${literal(format)}${arguments_})`;
}

/** Shares such as ONE=0.6,TWO=0.4 as a mapping of Python. */
function mapping(shares) {
  const words = shares.split(",").map((one) => {
    const end = one.lastIndexOf("=");
    return `${literal(one.slice(0, end))}: ${one.slice(end + 1)}`;
  });
  return `{${words.join(", ")}}`;
}

/** The call that draws. A condition on a book of other shares has a function of its own. */
function drawFor({ n, horizon, given, weights = "", rebalance = "none", ...others }) {
  const named = (settings) => told(settings).map(([name, value]) => `, ${name}=${literal(value)}`);
  if (!weights && rebalance === "none")
    return `model.sample(${n}, ${horizon}${named({ ...others, given }).join("")})`;
  const book = [...(weights ? [`, weights=${mapping(weights)}`] : []), ...named({ rebalance })];
  const options = [...named(others), ...book].join("");
  return `simgan.sample_given(model, ${literal(given)}, ${n}, ${horizon}${options}).scenarios`;
}

function pythonFor(model, { values, layout, ...drawn }, format, file) {
  return [
    "import simgan",
    `model = simgan.load(${literal(model.name)})`,
    `scenarios = ${drawFor(drawn)}`,
    writerFor(format, file, told({ values, layout })),
  ].join("\n");
}

/** The request. Its answer is written where it is a success only. */
function requestFor(model, settings, file, address) {
  const token = model.needs_token ? ' --header "Authorization: Bearer $SIMGAN_TOKEN"' : "";
  const target = word(`${address}/scenarios?${pathOf(settings)}`);
  return `curl --fail${token} --output ${word(file)} ${target}`;
}

/** The lines by kind. */
export function linesFor(model, sample, format, address) {
  const file = `${model.name}-scenarios.${format}`;
  return {
    command: commandFor(model, sample, file),
    python: pythonFor(model, sample, format, file),
    curl: requestFor(model, { ...sample, format }, file, address),
  };
}
