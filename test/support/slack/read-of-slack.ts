import { globSync, readFileSync } from "node:fs";

import { WebClient } from "@slack/web-api";

import { isNode, nodesIn, type Node } from "../texts/syntax-nodes.ts";

/** A method or event that the source names. */
export interface NamedInSource {
  readonly name: string;
  readonly file: string;
}

const computedName = "?";

/** Every method of Slack's own client, such as `chat.postMessage`. */
const known: ReadonlySet<string> = new Set(methodsIn(new WebClient(), ""));

/**
 * The Web API methods that the source calls: by Slack's client, whatever the variable is called, or by their names, which
 * may be arguments of `apiCall`. @throws where a method's name is computed.
 */
export function methodsInSource(): readonly NamedInSource[] {
  return nodesInSource().flatMap(({ node, file }) => methodsAt(node, file).map((name) => ({ name, file })));
}

/** The types of events that the source names: as texts, or as the keys of tables. */
export function eventsInSource(): readonly NamedInSource[] {
  const types = eventTypes();
  return nodesInSource().flatMap(({ node, file }) => {
    const name = node.type === "Property" ? keyOf(node) : textOf(node);
    // Some errors of methods have the names of events.
    const isError = file.endsWith("/slack-errors.ts");
    return name !== undefined && types.has(name) && !isError ? [{ name, file }] : [];
  });
}

/** Those that Slack's own types have. */
function eventTypes(): ReadonlySet<string> {
  const files = globSync("node_modules/@slack/types/dist/events/*.d.ts");
  const types = files.flatMap((file) =>
    Array.from(readFileSync(file, "utf8").matchAll(/^ {4}type: '(?<name>\w+)';$/gmu), ({ groups }) =>
      String(groups?.["name"]),
    ),
  );
  return new Set(types);
}

/** The methods that a node calls or names. @throws where a method's name is computed. */
export function methodsAt(node: Node, file: string): readonly string[] {
  const text = textOf(node);
  if (text !== undefined) return known.has(text) ? [text] : [];
  const path = pathOf(node);
  if (path === undefined) return [];
  if (isComputed(path)) throw new SyntaxError(`${file} computes the name of a method of Slack`);
  // The first part is the client, or what was taken out of it.
  return [path.slice(1).join("."), path.join(".")].filter((each) => known.has(each));
}

/** `client[name]`, `client.chat[name]` or `chat.${name}`. */
function isComputed(path: readonly string[]): boolean {
  const at = path.indexOf(computedName);
  const isOfClient = path[0] === "client";
  const family = path.slice(isOfClient ? 1 : 0, at).join(".");
  if (at < 1 || family === "") return at > 0 && isOfClient;
  return [...known].some((each) => each.startsWith(`${family}.`));
}

function nodesInSource(): readonly { readonly node: Node; readonly file: string }[] {
  return globSync("src/platforms/slack/**/*.ts").flatMap((file) =>
    nodesIn(file, readFileSync(file, "utf8")).map((node) => ({ node, file })),
  );
}

/** `["client", "chat", "update"]` for `client.chat.update`. Undefined for what names nothing. */
function pathOf(node: unknown): readonly string[] | undefined {
  if (!isNode(node)) return undefined;
  if (node.type === "Identifier") return [String(node["name"])];
  if (node.type === "TemplateLiteral") return pathOfTemplate(node);
  if (node.type !== "MemberExpression") return undefined;
  const { object, property, computed } = node;
  const isFixed = computed !== true && isNode(property);
  const name = isFixed ? String(property["name"]) : (textOf(property) ?? computedName);
  return [...(pathOf(object) ?? [""]), name];
}

/** Only of a text that begins like the name of a method. */
function pathOfTemplate({ quasis }: Node): readonly string[] | undefined {
  const [first]: readonly unknown[] = Array.isArray(quasis) ? quasis : [];
  const { raw } = isNode(first) && isRaw(first["value"]) ? first["value"] : { raw: "" };
  return /^[a-z]+\.$/u.test(raw) ? [raw.slice(0, -1), computedName] : undefined;
}

function isRaw(value: unknown): value is { readonly raw: string } {
  return typeof value === "object" && value !== null && "raw" in value && typeof value.raw === "string";
}

function textOf(node: unknown): string | undefined {
  if (!isNode(node)) return undefined;
  return node.type === "Literal" && typeof node["value"] === "string" ? node["value"] : undefined;
}

function keyOf({ key, computed }: Node): string | undefined {
  if (computed === true || !isNode(key)) return undefined;
  return key.type === "Identifier" ? String(key["name"]) : textOf(key);
}

function methodsIn(client: object, prefix: string): readonly string[] {
  return Object.entries(client).flatMap(([name, value]: [string, unknown]) => {
    if (typeof value === "function") return prefix === "" ? [] : [`${prefix}${name}`];
    const isFamily = typeof value === "object" && value !== null && /^[a-z]\w*$/iu.test(name);
    return isFamily && value.constructor === Object ? methodsIn(value, `${prefix}${name}.`) : [];
  });
}
