import { customAlphabet, nanoid } from "nanoid";

import type { Ids } from "../ports/ids.ts";

// Neither 0/o, 1/l/i nor u/v: people read these aloud.
const readable = customAlphabet("23456789abcdefghjkmnpqrstwxyz", 8);

/** Ids from the machine's random source. */
export const randomIds: Ids = {
  turn: () => nanoid(16),
  name: () => nanoid(16),
  reference: () => readable(),
};
