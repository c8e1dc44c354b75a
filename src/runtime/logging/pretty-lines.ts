const plain = /^[\w.:/@+%-]+$/u;
/** A terminal would interpret them. */
const control = /\p{Cc}/gu;
const marks: Readonly<Record<string, string>> = {
  debug: "debug: ",
  trace: "trace: ",
  warn: "Warning: ",
  error: "Error: ",
  fatal: "Fatal: ",
};
const colors: Readonly<Record<string, number>> = { warn: 33, error: 31, fatal: 31 };
const own = new Set(["level", "time", "msg", "err"]);
const dim = 2;
const beside = " ".repeat(10);

/** Formats a log line for a terminal: time, message and facts; an error's message on the next line. */
export function prettyLine(json: string, isColored: boolean): string {
  const line = parsed(json);
  if (line === undefined) return json;
  const colored = (text: string, color: number | undefined): string =>
    isColored && color !== undefined && text !== "" ? `\u001B[${color}m${text}\u001B[0m` : text;
  const level = shown(line["level"], false);
  const facts = Object.entries(line).flatMap(([name, value]) =>
    own.has(name) ? [] : [`${name}=${shown(value)}`],
  );
  const what = `${marks[level] ?? ""}${shown(line["msg"] ?? "", false)}`;
  const parts = [
    colored(timeOf(line["time"]), dim),
    colored(what, colors[level]),
    colored(facts.join(" "), dim),
  ];
  const fault = faultOf(line["err"]);
  return `${parts.filter((part) => part !== "").join("  ")}\n${fault === "" ? "" : `${beside}${fault}\n`}`;
}

function parsed(json: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const line: unknown = JSON.parse(json);
    return typeof line === "object" && line !== null ? { ...line } : undefined;
  } catch {
    return undefined;
  }
}

function timeOf(time: unknown): string {
  const at = new Date(typeof time === "string" ? time : Number.NaN);
  return Number.isNaN(at.getTime()) ? "" : at.toTimeString().slice(0, 8);
}

function faultOf(err: unknown): string {
  if (typeof err !== "object" || err === null) return "";
  const { type = "Error", message = "", code }: { type?: unknown; message?: unknown; code?: unknown } = err;
  const [name, text, number] = [type, message, code ?? ""].map((each) => shown(each, false));
  return `${name}: ${text}${number === "" ? "" : ` (${number})`}`;
}

/** @param isValue - the value of a fact, quoted unless it is one word */
function shown(value: unknown, isValue = true): string {
  if (typeof value !== "string") return visible(JSON.stringify(value) ?? "");
  return visible(isValue && !plain.test(value) ? JSON.stringify(value) : value);
}

function visible(text: string): string {
  return text.replaceAll(control, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
