const maxShown = 60;
/** Texts that look like a key, a token, an address with a password, or a random value. */
const secretLike =
  /^(?:sk|gsk|pk|rk|xox[a-z]|xapp|gh[a-z]|glpat|AIza|Bot |Bearer )[-_.\w]|:\/\/[^/]*@|[\w-]{20}/u;

/** The value as a fault quotes it. A key in the wrong setting is not quoted. */
export function quotedValue(value: unknown): string {
  const text = String(value);
  return text.length > maxShown || secretLike.test(text) ? "The value" : `"${text}"`;
}
