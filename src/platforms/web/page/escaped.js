/** A text that is shown as it is, within HTML. */
export function escaped(text) {
  return text.replace(/[&<>"]/gu, (character) => `&#${character.charCodeAt(0)};`);
}
