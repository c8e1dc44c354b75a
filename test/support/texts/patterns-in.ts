import { constantsOf, isNode, isRegex, nodesIn, type Node } from "./syntax-nodes.ts";

/** A regular expression of the source. */
export interface Pattern {
  readonly file: string;
  readonly source: string;
  readonly flags: string;
}

/** Sample values for the parts of composed patterns that the file itself does not define. */
const examples: Readonly<Record<string, string>> = {
  mention: "<@!?1(?:\\|[^<>]*)?>",
  name: "host",
  botUserId: "U1",
  lookalikes: "\u0430\u{118EF}",
  invisibleLetters: "\\p{Cc}\\p{Default_Ignorable_Code_Point}",
};

/** Finds every regular expression of a file: literals and `new RegExp` of strings. @throws if one can't be resolved. */
export function patternsIn(file: string, code: string): readonly Pattern[] {
  const nodes = nodesIn(file, code);
  const texts = constantsOf(nodes);
  return nodes.flatMap((node): readonly Pattern[] => {
    const { regex, callee, arguments: given } = node;
    if (node.type === "Literal" && isRegex(regex))
      return [{ file, source: regex.pattern, flags: regex.flags }];
    if (!isNode(callee) || callee["name"] !== "RegExp" || !Array.isArray(given)) return [];
    const [source, flags] = given.map((each: unknown) => textOf(file, each, texts));
    return [{ file, source: source ?? "", flags: flags ?? "" }];
  });
}

function textOf(file: string, node: unknown, texts: ReadonlyMap<string, Node>): string {
  if (!isNode(node)) throw new TypeError(`${file}: a pattern is made from something unknown`);
  const { type, value, name, left, right, quasis, expressions } = node;
  if (type === "Literal") return String(value);
  if (type === "BinaryExpression") return textOf(file, left, texts) + textOf(file, right, texts);
  if (type === "TemplateLiteral" && Array.isArray(quasis) && Array.isArray(expressions)) {
    const parts = expressions.map((each: unknown) => textOf(file, each, texts));
    return quasis
      .map((each: { value: { cooked: string } }, at) => each.value.cooked + (parts[at] ?? ""))
      .join("");
  }
  const known = texts.get(String(name));
  const example = examples[String(name)];
  if (example !== undefined) return example;
  if (known === undefined) throw new TypeError(`${file}: give an example of ${String(name)} for its pattern`);
  return textOf(file, known, texts);
}
