import { addressEscapes } from "../../runtime/address-escapes.ts";
import { shownAddress, type RedisAddress } from "../../runtime/redis-address.ts";
import { RedisError } from "./redis-error.ts";

const usual = "Is it running, and are the address and the password right?";

/** What no waiting helps against, and what to do about it. */
const final: readonly (readonly [told: RegExp, advice: string])[] = [
  [/^WRONGPASS/u, `Check the user and the password. ${addressEscapes}.`],
  [/^NOAUTH/u, "It wants a password: redis://:password@host, or redis://user:password@host."],
  [/without any password configured/u, "It wants no password: leave it out of the address."],
  [/DB index/u, "It has no database of that number: leave out what stands behind the port."],
  [/not match certificate|ALTNAME/u, "Its certificate is for another name: give the host by that name."],
  [/certificate has expired|not yet valid/u, "Its certificate is not valid now: renew it."],
  [
    /certificate|unable to verify/u,
    "Its certificate is by an authority that is not known here: give its file with NODE_EXTRA_CA_CERTS=/path/ca.pem, set outside of .env.",
  ],
  [
    /wrong version number|packet length too long|EPROTO/u,
    "It speaks no TLS there: the address begins with redis://.",
  ],
];

/** Undefined for what may pass: a server that is starting, a name that does not resolve yet. */
export function finalAdvice(error: unknown): string | undefined {
  const message = messageOf(error);
  return final.find(([told]) => told.test(message))?.[1];
}

/** What the operator reads, without user and password. */
export function startFault(address: RedisAddress, cause: unknown, waitMs: number): RedisError {
  const advice = finalAdvice(cause);
  const where = shownAddress(address);
  const why = messageOf(cause);
  const message =
    advice === undefined
      ? `can't reach Redis at ${where} within ${waitMs / 1_000} s (${why}). ${guess(address, why)}`
      : `can't use Redis at ${where} (${why.replace(/\.$/u, "")}). ${advice}`;
  return new RedisError(`REDIS_URL: ${message}`, { cause });
}

/** One end speaks TLS and the other does not: neither says so. */
function guess(address: RedisAddress, why: string): string {
  if (address.kind === "sentinel") return usual;
  const isTls = address.url.startsWith("rediss:");
  if (isTls && /time|ECONNRESET|closed/iu.test(why))
    return `${usual} If it speaks no TLS there, the address begins with redis://.`;
  if (!isTls && /ECONNRESET|closed|EPIPE/iu.test(why))
    return `${usual} If it wants TLS there, the address begins with rediss://.`;
  return usual;
}

function messageOf(error: unknown): string {
  // A name with several addresses gives one error for each, and no message of its own.
  if (error instanceof AggregateError) return error.errors.map(messageOf).join(", ");
  return error instanceof Error ? error.message : String(error);
}
