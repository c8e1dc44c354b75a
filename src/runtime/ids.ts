import { customAlphabet, nanoid } from "nanoid";

import type { Ids } from "../ports/ids.ts";

// Without 0/o, 1/l/i and u/v, because people read references aloud.
const readable = customAlphabet("23456789abcdefghjkmnpqrstwxyz", 8);

/** Random ids. */
export const randomIds: Ids = {
  turn: () => nanoid(16),
  name: () => nanoid(16),
  reference: () => readable(),
};
