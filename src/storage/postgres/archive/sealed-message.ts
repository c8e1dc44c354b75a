import { setImmediate } from "node:timers/promises";

import { z } from "zod";

import type { ArchivedMessage } from "../../../domain/archive.ts";
import type { RememberedMessage } from "../../../domain/conversation-memory.ts";
import { readRow } from "../../records/archive-row.ts";
import { keyOf } from "../sealing/keys.ts";
import { seal, unseal } from "../sealing/seal.ts";
import type { Row } from "../database/query.ts";

/** The sealed content: text, author name, speaker, and properties that most messages don't have. */
const content = z.tuple([z.string(), z.string(), z.string(), z.record(z.string(), z.unknown())]);

/** A few milliseconds per slice. */
const messagesPerSlice = 25;
const bytesPerSlice = 100_000;

/** Named after the columns of format 2. */
export interface Content {
  readonly text: string;
  readonly author_name: string;
  readonly speaker: string;
  /** Only properties that are not empty. */
  readonly more: Readonly<Record<string, unknown>>;
}

export function contentOf(message: RememberedMessage): Content {
  const { text, author, speaker, attachments, permalink, sources, isGivenUp } = message;
  const more = {
    ...(attachments.length === 0 ? {} : { attachments: JSON.stringify(attachments) }),
    ...(permalink === undefined ? {} : { permalink }),
    ...(sources === undefined ? {} : { sources: JSON.stringify(sources) }),
    ...(isGivenUp === true ? { is_given_up: 1 } : {}),
    ...(author.isApp === true ? { is_app: 1 } : {}),
  };
  return { text, author_name: author.name, speaker, more };
}

/** The content of an unsealed row. */
export function plainContentOf({
  text,
  author_name,
  speaker,
  attachments,
  permalink,
  sources,
}: Row): Content {
  const more = Object.fromEntries(
    Object.entries({ attachments, permalink, sources }).filter(([, value]) => value !== null),
  );
  return { text: String(text), author_name: String(author_name), speaker: String(speaker), more };
}

export function sealContent(key: Buffer, { text, author_name, speaker, more }: Content): Buffer {
  return seal(key, JSON.stringify([text, author_name, speaker, more]));
}

/** Unseals rows, in slices. Leaves out rows that can't be read or whose key is erased. */
export async function openMessages(rows: readonly Row[]): Promise<readonly ArchivedMessage[]> {
  const messages: ArchivedMessage[] = [];
  let bytes = 0;
  for (const [index, row] of rows.entries()) {
    const message = openMessage(row);
    if (message !== undefined) messages.push(message);
    bytes += Buffer.isBuffer(row["sealed"]) ? row["sealed"].length : 0;
    if (bytes < bytesPerSlice && index % messagesPerSlice !== messagesPerSlice - 1) continue;
    bytes = 0;
    await setImmediate();
  }
  return messages;
}

function openMessage(row: Row): ArchivedMessage | undefined {
  const { sealed } = row;
  // From format 2, and not sealed yet.
  if (sealed === null) return readRow(row);
  const key = keyOf(row);
  if (key === undefined || !Buffer.isBuffer(sealed)) return undefined;
  try {
    const [text, name, speaker, more] = content.parse(JSON.parse(unseal(key.bytes, sealed)));
    return readRow({ ...row, attachments: "[]", text, author_name: name, speaker, ...more });
  } catch {
    return undefined;
  }
}
