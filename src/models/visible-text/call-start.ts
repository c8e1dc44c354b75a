/** Characters that decide whether a text is a call. */
const headChars = 120;

/** Whether a text starts with a call without markers, as small models write it: JSON or code. "unknown": more text is needed. */
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
  const head = text.slice(0, headChars);
  const isNamed = tools.some(
    (name) =>
      [`${name}(`, `call:${name}{`].some((each) => head.startsWith(each)) ||
      [`(${name}(`, `"${name}"`, `'${name}'`, `\n${name}(`, `[${name}(`].some((each) => head.includes(each)),
  );
  if (isNamed) return "yes";
  return text.length < headChars && !isLast ? "unknown" : "no";
}
