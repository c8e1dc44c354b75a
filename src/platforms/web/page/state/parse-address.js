/** Parses the hash: `#<conversation>`, or `#c/<conversation>/<message>`. Fields that it lacks are undefined. */
export function parseAddress(hash) {
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
