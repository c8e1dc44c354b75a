import { constantsOf, isNode, isRegex, nodesIn, type Node } from "./syntax-nodes.ts";

/** What a test expects not to find in a text. */
export interface Needle {
  readonly file: string;
  readonly line: number;
  /** Of a pattern with alternatives: one of them. */
  readonly text: string;
}

/**
 * Finds what a test file expects to be absent, as far as it is a literal or a constant of the file:
 * `not.toContain`, `not.toMatch`, `.includes` that is false, and lists of which none may be included.
 */
export function needlesIn(file: string, code: string): readonly Needle[] {
  const nodes = nodesIn(file, code);
  const constants = constantsOf(nodes);
  return nodes.flatMap((node) =>
    absentIn(node)
      .flatMap((each) => textsOf(each, constants))
      .map((text) => ({ file, line: lineOf(code, node), text })),
  );
}

function absentIn(node: Node): readonly unknown[] {
  const { object, name, args } = callOf(node);
  const subject = expectedOf(object);
  if (isNamed(object, "not") && name === "toMatch") return args;
  // In a list of texts an element is sought, which is equal as a whole.
  if (isNamed(object, "not") && name === "toContain") return isList(subject) ? [] : args;
  const inner = callOf(subject);
  if (name === "toBe" && isLiteral(args[0], false) && inner.name === "includes") return inner.args;
  const isNone = name === "toEqual" && isNode(args[0]) && isEmptyList(args[0]);
  return isNone && inner.name === "filter" ? elementsOf(inner.object) : [];
}

/** What `expect` or `expect.poll` was called with, below any `not`, `resolves` and the like. */
function expectedOf(node: unknown): unknown {
  if (!isNode(node)) return undefined;
  if (node.type === "MemberExpression") return expectedOf(node["object"]);
  if (node.type !== "CallExpression" || !Array.isArray(node["arguments"])) return undefined;
  const subject: unknown = node["arguments"][0];
  return isNode(subject) && subject.type === "ArrowFunctionExpression" ? subject["body"] : subject;
}

function callOf(node: unknown): { object?: unknown; name?: unknown; args: readonly unknown[] } {
  if (!isNode(node) || node.type !== "CallExpression" || !isNode(node["callee"])) return { args: [] };
  const { object, property } = node["callee"];
  const args = Array.isArray(node["arguments"]) ? node["arguments"] : [];
  return { object, name: isNode(property) ? property["name"] : undefined, args };
}

function isNamed(node: unknown, name: string): boolean {
  return isNode(node) && isNode(node["property"]) && node["property"]["name"] === name;
}

function isLiteral(node: unknown, value: unknown): boolean {
  return isNode(node) && node.type === "Literal" && node["value"] === value;
}

function isList(node: unknown): boolean {
  return isNode(node) && (node.type === "ArrayExpression" || callOf(node).name === "map");
}

function isEmptyList(node: Node): boolean {
  return node.type === "ArrayExpression" && elementsOf(node).length === 0;
}

function elementsOf(node: unknown): readonly unknown[] {
  return isNode(node) && Array.isArray(node["elements"]) ? node["elements"] : [];
}

function textsOf(node: unknown, constants: ReadonlyMap<string, Node>): readonly string[] {
  if (!isNode(node)) return [];
  if (isRegex(node["regex"])) return node["regex"].pattern.split("|");
  if (node.type === "Literal") return [String(node["value"])];
  return textsOf(node.type === "Identifier" && constants.get(String(node["name"])), new Map());
}

function lineOf(code: string, { start }: Node): number {
  return code.slice(0, Number(start)).split("\n").length;
}
