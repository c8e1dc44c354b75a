const form = /assistant(?:final|commentary to=(?:functions\.)?([\w.-]{1,64})(?=[^\w.-]))/u;
export const maxStrippedEndChars = 120;

/** The end of Harmony's thoughts where the server has taken out the markers: the answer follows, or a call by its name. */
export function strippedEndIn(text: string): { readonly to: number; readonly name?: string } | undefined {
  const found = form.exec(text);
  if (found === null) return undefined;
  const [{ length }, name] = found;
  return { to: found.index + length, ...(name === undefined ? {} : { name }) };
}
