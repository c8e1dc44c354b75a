import { z } from "zod";

const keyBytes = 32;

/** Keys of 32 bytes as base64 (of either alphabet) or hex, separated by commas. */
export const secretKeys = z
  .string()
  .default("")
  .transform((text, context) => {
    const entries = text === "" ? [] : text.split(",").map((entry) => keyIn(entry.trim()));
    const keys = entries.filter((entry) => entry !== undefined);
    // Not quoted: it is a secret.
    if (keys.length < entries.length)
      context.addIssue("A key is not 32 bytes as base64 or hex; `openssl rand -base64 32` makes a good one");
    return keys;
  });

function keyIn(text: string): Uint8Array | undefined {
  const isHex = /^[0-9a-f]{64}$/iu.test(text);
  if (!isHex && !/^[A-Za-z0-9+/_-]{43}=?$/u.test(text)) return undefined;
  const bytes = Buffer.from(text, isHex ? "hex" : "base64");
  return bytes.length === keyBytes ? bytes : undefined;
}
