const maxShown = 60;
/** Beginnings of the keys and tokens that people paste, a password in an address, and what only a machine would think of. */
const secretLike =
  /^(?:sk|gsk|pk|rk|xox[a-z]|xapp|gh[a-z]|glpat|AIza|Bot |Bearer )[-_.\w]|:\/\/[^/]*@|[\w-]{20}/u;

/** As a fault quotes a wrong value. A key in the wrong setting is still a secret. */
export function quotedValue(value: unknown): string {
  const text = String(value);
  return text.length > maxShown || secretLike.test(text) ? "The value" : `"${text}"`;
}
