/** So many letters may be wrong. */
const mostWrong = 2;

/** The name that was probably meant; undefined where none is near. */
export function nearestName(name, names) {
  const [nearest] = names
    .map((each) => ({ each, wrong: begins(name, each) || begins(each, name) ? 1 : wrongIn(name, each) }))
    .filter(({ each, wrong }) => wrong <= Math.min(mostWrong, Math.floor(each.length / 2)))
    .toSorted((a, b) => a.wrong - b.wrong);
  return nearest?.each;
}

/** "/forg", or "/resetnow". */
function begins(start, whole) {
  return start.length > 1 && whole.startsWith(start);
}

/** How many letters are wrong, missing or too many; two that have changed places are one. */
function wrongIn(one, other) {
  if (Math.abs(one.length - other.length) > mostWrong) return Number.POSITIVE_INFINITY;
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
