import { Parser } from "htmlparser2";

import { maxDepth } from "../text/limits.ts";
import type { BoundedText } from "../text/bounded-text.ts";
import { Unreadable } from "../text/unreadable.ts";

/** Names come without their prefix: `t` for `w:t`. */
export interface XmlHandler {
  readonly onOpen?: (name: string, attributes: Attributes) => void;
  readonly onClose?: (name: string) => void;
  readonly onText?: (text: string) => void;
}

/** Of an element, with prefixes as they stand in the file. */
export type Attributes = Readonly<Record<string, string>>;

/**
 * Reads XML while it arrives. Entities that a document declares are not replaced, and nothing that it refers to is read.
 * @throws {Unreadable}, and what the handler and `limit` throw.
 */
export async function readXml(
  bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  handler: XmlHandler,
  limit: Pick<BoundedText, "checkTime">,
): Promise<void> {
  let depth = 0;
  const parser = new Parser(
    {
      onopentag: (name, attributes) => {
        depth += 1;
        if (depth > maxDepth) throw new Unreadable("broken");
        handler.onOpen?.(localName(name), attributes);
      },
      onclosetag: (name) => {
        depth -= 1;
        handler.onClose?.(localName(name));
      },
      ontext: (text) => handler.onText?.(text),
    },
    { xmlMode: true },
  );
  let decoder: InstanceType<typeof TextDecoder> | undefined;
  for await (const chunk of bytes) {
    limit.checkTime();
    decoder ??= new TextDecoder(encodingOf(chunk));
    parser.write(decoder.decode(chunk, { stream: true }));
  }
  parser.write(decoder?.decode() ?? "");
  if (depth > 0) throw new Unreadable("broken");
  parser.end();
}

/** The value of an attribute with this local name. */
export function attribute(attributes: Attributes, name: string): string | undefined {
  if (Object.hasOwn(attributes, name)) return attributes[name];
  return Object.entries(attributes).find(([each]) => localName(each) === name)?.[1];
}

function encodingOf([one, two]: Uint8Array): string {
  if (one === 0xff && two === 0xfe) return "utf-16le";
  return one === 0xfe && two === 0xff ? "utf-16be" : "utf-8";
}

function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}
