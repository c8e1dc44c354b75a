/** Collapses all white space to single spaces. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\s\u0085]+/gu, " ").trim();
}
