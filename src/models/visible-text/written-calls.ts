import type { ToolDefinition, ToolCall } from "../../domain/prompt.ts";
import { newCallId } from "../call-id.ts";
import { asObject, asText } from "../json.ts";
import { jsonObjectsIn } from "../json-objects.ts";

const maxObjects = 50;

/**
 * Parses calls that a model wrote as text: JSON with the function's name, a name followed by JSON, or parameters as tags or
 * code. Unknown tools and unreadable calls are left out. Linear.
 */
export function writtenCalls(text: string, tools: readonly ToolDefinition[]): readonly ToolCall[] {
  const calls = callsInJson(text, tools);
  if (calls.length > 0) return calls;
  const inTags = tools.flatMap((tool) => callsInTags(text, tool));
  return inTags.length > 0 ? inTags : tools.flatMap((tool) => callWithWords(text, tool));
}

/** `<recall>roof garden`: the text is the only parameter. */
function callWithWords(text: string, tool: ToolDefinition): readonly ToolCall[] {
  const [name, ...others] = parametersOf(tool);
  const marker = `<${tool.name}>`;
  const words = text.startsWith(marker) ? text.slice(marker.length).trim() : "";
  if (name === undefined || others.length > 0 || !/^[^<>{}[\]]{1,300}$/u.test(words)) return [];
  return [{ id: newCallId(), name: tool.name, argument: JSON.stringify({ [name]: words }) }];
}

function callsInJson(text: string, tools: readonly ToolDefinition[]): readonly ToolCall[] {
  const calls: ToolCall[] = [];
  let before = "";
  for (const { from, to } of jsonObjectsIn(text, maxObjects)) {
    before = text.slice(Math.max(0, from - 100), from);
    const fields = asObject(parsed(text.slice(from, to)));
    const call = callOf(fields, tools) ?? callBehindName(before, fields, tools);
    if (call !== undefined) calls.push(call);
  }
  return calls;
}

type Fields = Readonly<Record<string, unknown>>;

function callOf(fields: Fields, tools: readonly ToolDefinition[]): ToolCall | undefined {
  const inner = asObject(fields["function"]);
  const name = [fields["name"], fields["tool_name"], fields["tool"], fields["function"], inner["name"]]
    .map(asText)
    .find(Boolean);
  const given = [
    fields["arguments"],
    fields["parameters"],
    fields["args"],
    fields["input"],
    inner["arguments"],
  ].find((each) => each !== undefined);
  return madeOf(tools, name ?? "", typeof given === "string" ? parsed(given) : given);
}

/** `recall{"words":"…"}`, `functions.recall:0<|tool_call_argument_begin|>{…}`, `recall<｜tool▁sep｜>{…}` */
function callBehindName(
  before: string,
  fields: Fields,
  tools: readonly ToolDefinition[],
): ToolCall | undefined {
  const tool = tools.find(({ name }) => wordIn(before, name) !== -1);
  return tool === undefined ? undefined : madeOf(tools, tool.name, fields);
}

function madeOf(tools: readonly ToolDefinition[], name: string, given: unknown): ToolCall | undefined {
  const tool = tools.find((each) => each.name === name.replace(/^functions\./u, ""));
  const fields = asObject(given);
  if (tool === undefined || !parametersOf(tool).some((each) => each in fields)) return undefined;
  return { id: newCallId(), name: tool.name, argument: JSON.stringify(fields) };
}

function callsInTags(text: string, tool: ToolDefinition): readonly ToolCall[] {
  const calls: ToolCall[] = [];
  let rest = text;
  for (
    let at = wordIn(rest, tool.name);
    at !== -1 && calls.length < maxObjects;
    at = wordIn(rest, tool.name)
  ) {
    rest = rest.slice(at + tool.name.length);
    const values = parametersOf(tool).flatMap((name) => {
      const value = valueIn(rest, name);
      return value === undefined ? [] : [{ name, ...value }];
    });
    const fields = Object.fromEntries(values.map(({ name, text: value }) => [name, value]));
    const call = values.length === 0 ? undefined : madeOf([tool], tool.name, fields);
    if (call === undefined) return calls;
    calls.push(call);
    rest = rest.slice(Math.max(...values.map(({ end }) => end)));
  }
  return calls;
}

/** `<parameter=words>…</`, `<arg_key>words</arg_key><arg_value>…</`, `words="…"`, `words:<escape>…<escape>` */
const opening =
  /^["']?(?:<\/arg_key>\s{0,5}<arg_value>|(?: [^<>\n]{0,60})?>|\s{0,3}[:=]\s{0,3})(?:<escape>|<\|"\|>|["'])?/u;
const ending = /<\/|<escape>|<\|"\|>|["'](?=\s{0,3}[,)}\]/>])/u;
const unquoted = /[:=]\s{0,3}$/u;

function valueIn(text: string, name: string): { readonly text: string; readonly end: number } | undefined {
  const at = wordIn(text, name);
  if (at === -1) return undefined;
  const rest = text.slice(at + name.length);
  const opened = opening.exec(rest)?.[0];
  if (opened === undefined) return undefined;
  const value = rest.slice(opened.length);
  const length = value.search(unquoted.test(opened) ? /[)}\]]/u : ending);
  if (length === -1) return undefined;
  return { text: value.slice(0, length).trim(), end: at + name.length + opened.length + length };
}

function parametersOf({ parameters }: ToolDefinition): readonly string[] {
  return Object.keys(asObject(parameters["properties"]));
}

/** Position of the first whole word. -1: none. */
function wordIn(text: string, word: string): number {
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1)) {
    if (!/\w/u.test(text[at - 1] ?? "") && !/\w/u.test(text[at + word.length] ?? "")) return at;
  }
  return -1;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
