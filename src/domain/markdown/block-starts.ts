// What lines begin with, behind the markers of their quotes and lists.

/** A rule between paragraphs. */
export const divider = /^(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$/u;
/** Makes the paragraph above it a heading. */
export const underline = /^(?:=+|-+)[ \t]*$/u;
/** A heading with its own mark. */
export const heading = /^#{1,6}(?:[ \t]|$)/u;
/** The first line of a code block. */
export const fenceStart = /^(?<marker>`{3,}(?=[^`]*$)|~{3,})/u;
/** The marker of an item of a list. */
export const itemMarker = /^(?:[-+*]|(?<number>\d{1,9})[.)])(?=[ \t]|$)/u;
/** The line under the header of a table. */
export const delimiterRow = /^\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?$/u;

/** Whether an item of a list ends the paragraph before it. */
export function interrupts(item: RegExpExecArray, rest: string): boolean {
  const number = item.groups?.["number"];
  return (number === undefined || number === "1") && rest.slice(item[0].length).trim() !== "";
}
