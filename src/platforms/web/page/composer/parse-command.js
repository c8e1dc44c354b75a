/** What people and their keyboards type for a slash. */
const slash = /^[\s\p{Cf}]*([/／⁄∕\\]{1,2})[ \t]?/u;
const word = /^[\p{L}\p{N}_]+/u;
const marks = /^[.,:;!?…-]*/u;

/**
 * Parses a text that looks like a command: { name, argument, isPlain }. Undefined for other texts, such as paths. The
 * argument stays as typed. `isPlain`: it begins with one ordinary slash.
 */
export function parseCommand(text) {
  const [begin, slashes] = slash.exec(text) ?? [""];
  const named = text.slice(begin.length);
  const [name = ""] = word.exec(named) ?? [];
  if (begin === "" || name === "") return undefined;
  const behind = named.slice(name.length);
  const [between = ""] = marks.exec(behind) ?? [];
  const rest = behind.slice(between.length);
  // "/forget-me" is a command; "/etc/hosts" and "/notes.md" are not.
  const isApart = rest.trim() === "" || /^\s/u.test(rest) || /^[-,:]$/u.test(between);
  if (!isApart) return undefined;
  return { name: name.normalize("NFKC").toLowerCase(), argument: rest.trim(), isPlain: slashes === "/" };
}
