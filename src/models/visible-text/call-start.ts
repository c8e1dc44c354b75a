/** So much of a text tells whether it is a call. */
const tellingChars = 120;

/**
 * Whether a text begins as small models write calls without any marker: as JSON, or as code. "unknown": more of it decides.
 */
export function startsWithCall(
  text: string,
  tools: readonly string[],
  isLast: boolean,
): "yes" | "no" | "unknown" {
  if (tools.length === 0) return "no";
  const starts = ["{", "[", "```", "functools[", ...tools.flatMap((name) => [`${name}(`, `call:${name}{`])];
  if (!starts.some((each) => text.startsWith(each))) {
    return !isLast && starts.some((each) => each.startsWith(text)) ? "unknown" : "no";
  }
  const head = text.slice(0, tellingChars);
  const isNamed = tools.some(
    (name) =>
      [`${name}(`, `call:${name}{`].some((each) => head.startsWith(each)) ||
      [`(${name}(`, `"${name}"`, `'${name}'`, `\n${name}(`, `[${name}(`].some((each) => head.includes(each)),
  );
  if (isNamed) return "yes";
  return text.length < tellingChars && !isLast ? "unknown" : "no";
}
