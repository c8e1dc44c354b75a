/** The most letters that may be wrong. */
const maxWrongLetters = 2;

/** The closest name. Undefined: none is close. */
export function nearestName(name, names) {
  const [nearest] = names
    .map((each) => ({ each, wrong: begins(name, each) || begins(each, name) ? 1 : wrongLetters(name, each) }))
    .filter(({ each, wrong }) => wrong <= Math.min(maxWrongLetters, Math.floor(each.length / 2)))
    .toSorted((a, b) => a.wrong - b.wrong);
  return nearest?.each;
}

/** True for "/forg" or "/resetnow". */
function begins(start, whole) {
  return start.length > 1 && whole.startsWith(start);
}

/** The number of wrong, missing or extra letters; two swapped letters count as one (optimal string alignment). */
function wrongLetters(one, other) {
  if (Math.abs(one.length - other.length) > maxWrongLetters) return Number.POSITIVE_INFINITY;
  let [beforeLast, last] = [[], Array.from({ length: other.length + 1 }, (_, index) => index)];
  for (let at = 1; at <= one.length; at += 1) {
    const row = [at];
    for (let to = 1; to <= other.length; to += 1) {
      const isSame = one[at - 1] === other[to - 1];
      const isSwapped = at > 1 && to > 1 && one[at - 1] === other[to - 2] && one[at - 2] === other[to - 1];
      row.push(
        Math.min(
          last[to] + 1,
          row[to - 1] + 1,
          last[to - 1] + (isSame ? 0 : 1),
          isSwapped ? beforeLast[to - 2] + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    [beforeLast, last] = [last, row];
  }
  return last.at(-1);
}
