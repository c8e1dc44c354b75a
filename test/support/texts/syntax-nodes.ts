import { parseSync } from "oxc-parser";

/** A node of a syntax tree. */
export interface Node {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** All nodes of a file, outer ones first. @throws if it can't be parsed. */
export function nodesIn(file: string, code: string): readonly Node[] {
  const { program, errors } = parseSync(file, code);
  if (errors.length > 0) throw new SyntaxError(`${file} can't be parsed`);
  return [...nodesOf(program)];
}

/** What each constant of a file is set to, by its name. */
export function constantsOf(nodes: readonly Node[]): ReadonlyMap<string, Node> {
  const constants = new Map<string, Node>();
  for (const { type, id, init } of nodes)
    if (type === "VariableDeclarator" && isNode(id) && isNode(init)) constants.set(String(id["name"]), init);
  return constants;
}

export function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

export function isRegex(value: unknown): value is { readonly pattern: string; readonly flags: string } {
  return typeof value === "object" && value !== null && "pattern" in value;
}

function* nodesOf(value: unknown): Generator<Node> {
  if (typeof value !== "object" || value === null) return;
  if (isNode(value)) yield value;
  for (const part of Object.values(value)) yield* nodesOf(part);
}
