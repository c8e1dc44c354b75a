/** The command that "/forg", "/resetnow" or "/sumary" means. Undefined: none is close. */
export function nearestName(name, names) {
  return (
    names.find((each) => begins(name, each) || begins(each, name)) ??
    names.find((each) => wrongLetters(name, each) <= Math.min(2, each.length / 2))
  );
}

function begins(start, whole) {
  return start.length > 1 && whole.startsWith(start);
}

/** The letters between the beginning and the end that two words share: two if they are swapped. */
function wrongLetters(...words) {
  const [short, long] = words.toSorted((a, b) => a.length - b.length);
  let start = 0;
  while (start < short.length && short[start] === long[start]) start += 1;
  let end = 0;
  while (end < short.length - start && short.at(-1 - end) === long.at(-1 - end)) end += 1;
  return long.length - start - end;
}
