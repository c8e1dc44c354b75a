/** Escapes a text for use in HTML. */
export function escapeHtml(text) {
  return text.replace(/[&<>"]/gu, (character) => `&#${character.charCodeAt(0)};`);
}
