/** As many as one call gives. https://developer.mozilla.org/en-US/docs/Web/API/Crypto/getRandomValues */
const mostAtOnce = 65_536;

/**
 * Splits bytes into parts as long as they are. Each part, and all but one together, are random: only all of them give the bytes
 * back.
 */
export function splitBytes(bytes: Uint8Array, parts: number): readonly Uint8Array[] {
  const random = Array.from({ length: parts - 1 }, () => randomBytes(bytes.length));
  return [...random, combine([bytes, ...random])];
}

/** Undefined: they are not the parts of one split. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array | undefined {
  const [first] = parts;
  return first === undefined || parts.some(({ length }) => length !== first.length)
    ? undefined
    : combine(parts);
}

function randomBytes(length: number): Uint8Array {
  const random = new Uint8Array(length);
  for (let from = 0; from < length; from += mostAtOnce)
    crypto.getRandomValues(random.subarray(from, from + mostAtOnce));
  return random;
}

/** All of one length. */
function combine(parts: readonly Uint8Array[]): Uint8Array {
  const combined = new Uint8Array(parts[0]?.length ?? 0);
  // An iterator takes ten times as long: 0.3 s for a megabyte, in which nothing else runs.
  for (const part of parts)
    for (let at = 0; at < part.length; at += 1) combined[at] = (combined[at] ?? 0) ^ (part[at] ?? 0);
  return combined;
}
