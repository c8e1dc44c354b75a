/** Positions of the outermost JSON objects in a text, at most `max`, in order. Linear. */
export function jsonObjectsIn(
  text: string,
  max: number,
): readonly { readonly from: number; readonly to: number }[] {
  const found: { from: number; to: number }[] = [];
  let depth = 0;
  let from = 0;
  let isText = false;
  for (let at = 0; at < text.length && found.length < max; at += 1) {
    const char = text[at];
    if (isText && char === "\\") at += 1;
    else if (char === '"' && depth > 0) isText = !isText;
    else if (!isText && char === "{") {
      if (depth === 0) from = at;
      depth += 1;
    } else if (!isText && char === "}" && depth > 0) {
      depth -= 1;
      if (depth === 0) found.push({ from, to: at + 1 });
    }
  }
  return found;
}
