/** What the address names: `#<conversation>`, or `#c/<conversation>/<message>`. Undefined where it names none. */
export function placeIn(hash) {
  const [, known, message] = /^#c\/([\w-]{1,64})\/(.+)$/u.exec(hash) ?? [];
  if (known !== undefined) return { conversation: known, message: decoded(message) };
  const [, conversation] = /^#([\w-]{1,64})$/u.exec(hash) ?? [];
  return { conversation };
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
