import { hash } from "node:crypto";

import { customAlphabet, nanoid } from "nanoid";

import type { Ids } from "../ports/ids.ts";

// Without 0/o, 1/l/i and u/v, because people read references aloud.
const readable = customAlphabet("23456789abcdefghjkmnpqrstwxyz", 8);

const turnChars = 16;

/** Random ids. */
export const randomIds: Ids = {
  turn: () => nanoid(turnChars),
  turnOf: (entry) => hash("sha256", entry, "base64url").slice(0, turnChars),
  name: () => nanoid(16),
  reference: () => readable(),
};
