/** What people and their keyboards write for a slash. */
const slash = /^[\s\p{Cf}]*([/／⁄∕\\]{1,2})[ \t]?/u;
const word = /^[\p{L}\p{N}_]+/u;
const marks = /^[.,:;!?…-]*/u;

/**
 * What looks like an order: { name, argument, isPlain }; undefined where a text is none, as a path. What stands behind the name
 * stays as it was typed. `isPlain`: it begins with one common slash.
 */
export function orderFrom(text) {
  const [begin, slashes] = slash.exec(text) ?? [""];
  const named = text.slice(begin.length);
  const [name = ""] = word.exec(named) ?? [];
  if (begin === "" || name === "") return undefined;
  const behind = named.slice(name.length);
  const [between = ""] = marks.exec(behind) ?? [];
  const rest = behind.slice(between.length);
  // "/forget-me" is meant as an order, and "/etc/hosts" or "/notes.md" is not.
  const isApart = rest.trim() === "" || /^\s/u.test(rest) || /^[-,:]$/u.test(between);
  if (!isApart) return undefined;
  return { name: name.normalize("NFKC").toLowerCase(), argument: rest.trim(), isPlain: slashes === "/" };
}
