const form = /assistant(?:final|commentary to=(?:functions\.)?([\w.-]{1,64})(?=[^\w.-]))/u;
export const maxStrippedEndChars = 120;

/** The end of Harmony thoughts whose markers the server removed. The answer follows, or a call of the tool `name`. */
export function strippedEndIn(text: string): { readonly to: number; readonly name?: string } | undefined {
  const found = form.exec(text);
  if (found === null) return undefined;
  const [{ length }, name] = found;
  return { to: found.index + length, ...(name === undefined ? {} : { name }) };
}
