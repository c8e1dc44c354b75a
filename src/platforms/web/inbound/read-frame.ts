import {
  frameSchema,
  maxArgumentChars,
  maxTextChars,
  type ClientFrame,
  type ErrorCode,
} from "../wire/protocol.ts";
import { maxFiles } from "../wire/files.ts";

/** Objects, lists and members in one frame; valid frames have one object and a few members. */
const maxParts = 64;
const [quote, backslash, brace, bracket, comma] = Array.from('"\\{[,', (each) => each.charCodeAt(0));

/** Why a frame is invalid. */
interface FrameFault {
  readonly code: ErrorCode;
  readonly message: string;
  /** The frame's id, if it is readable, so that the client knows which frame was wrong. */
  readonly id?: string | undefined;
}

/** Parses a client's frame. Never throws. */
export function readFrame(text: string): { readonly frame: ClientFrame } | { readonly fault: FrameFault } {
  const parsed = parseJson(text);
  const { success, data: frame } = frameSchema.safeParse(parsed);
  if (!success) {
    const message = "This chat doesn't understand that message.";
    return { fault: { code: "bad-frame", message, id: idIn(parsed) } };
  }
  const fault = faultOf(frame);
  return fault === undefined ? { frame } : { fault };
}

/** The id in a frame that is not read further. */
export function frameIdOf(text: string): string | undefined {
  return idIn(parseJson(text));
}

function faultOf(frame: ClientFrame): FrameFault | undefined {
  if (frame.type === "command") return lengthFault(frame.id, "An order", frame.argument, maxArgumentChars);
  if (frame.type === "press") return lengthFault(frame.id, "A press", frame.value ?? "", maxArgumentChars);
  if (frame.type !== "say" && frame.type !== "edit") return undefined;
  const { id, text } = frame;
  const files = frame.type === "say" ? (frame.files ?? []) : [];
  if (files.length > maxFiles) {
    const message = `A message may have ${maxFiles} files; this has ${files.length}.`;
    return { code: "too-many-files", message, id };
  }
  if (text.trim() === "" && files.length === 0)
    return { code: "empty", message: "That message is empty.", id };
  return lengthFault(id, "A message", text, maxTextChars);
}

function lengthFault(id: string, what: string, { length }: string, most: number): FrameFault | undefined {
  if (length <= most) return undefined;
  const [has, may] = [length, most].map((each) => each.toLocaleString("en"));
  return { code: "too-long", message: `${what} may have ${may} characters; this has ${has}.`, id };
}

/** Undefined if it isn't JSON, or has far more parts than any frame: parsing that would take long. */
function parseJson(text: string): unknown {
  if (!isSmallObject(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function idIn(parsed: unknown): string | undefined {
  if (typeof parsed !== "object" || parsed === null || !("id" in parsed)) return undefined;
  return typeof parsed.id === "string" ? parsed.id.slice(0, 128) : undefined;
}

/** Counts the characters that open or separate parts, outside strings. Linear in the length. */
function isSmallObject(text: string): boolean {
  let parts = 0;
  let isInText = false;
  for (let index = 0; index < text.length && parts <= maxParts; index += 1) {
    const code = text.charCodeAt(index);
    if (code === quote) isInText = !isInText;
    else if (isInText) index += code === backslash ? 1 : 0;
    else if (code === brace || code === bracket || code === comma) parts += 1;
  }
  return parts <= maxParts;
}
