import { addressEscapes } from "../../../runtime/addresses/address-escapes.ts";
import { shownAddress, type RedisAddress } from "../../../runtime/addresses/redis-address.ts";
import { RedisError } from "./redis-error.ts";

const noRoomAdvice =
  "It takes no more connections, and each replica needs seven: raise its maxclients, or what its plan allows.";
const maxChars = 250;
const seeLog = "Its own log may say more.";
const clientCertificateAdvice =
  "It wants a certificate of the bot, which is not given here: set its tls-auth-clients to no or optional.";
const defaultAdvice = "Is it running, and are the address and the password right?";

/** What Redis answers for a while: it is asked again until the time is up. */
const passingFaults: readonly (readonly [told: RegExp, advice: string])[] = [
  [/^LOADING/u, "It is still reading its files: start again when it has."],
  [/^(?:MASTERDOWN|CLUSTERDOWN|TRYAGAIN)/u, "It waits for its other servers: see its log."],
  [/^BUSY/u, "A script of another program holds it up: SCRIPT KILL ends that."],
  [/^NOREPLICAS/u, "It takes no writes while too few of its replicas are there: see min-replicas-to-write."],
  [/^MISCONF/u, "It takes no writes, since it can't save to its disk: see its log."],
  [/^OOM/u, "It is full: give it more memory (maxmemory)."],
  [/max number of clients/u, noRoomAdvice],
];

/** What no waiting helps against, and what to do about it. */
const finalFaults: readonly (readonly [told: RegExp, advice: string])[] = [
  [/^WRONGPASS/u, `Check the user and the password. ${addressEscapes}.`],
  [/unknown command .SENTINEL/iu, "These are no Sentinels: a Redis server's address begins with redis://."],
  [/No such master/u, "The Sentinels know no primary of that name: SENTINEL MASTERS lists the names."],
  [
    /^DENIED/u,
    "Its protected mode lets only its own machine in: set a password for it, and bind its address.",
  ],
  [/certificate required|handshake failure|bad certificate/iu, clientCertificateAdvice],
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
  const [, command] = /^NOPERM .* run the .?([\w|]+)/u.exec(message) ?? [];
  if (command !== undefined) return `Grant it to the user: ACL SETUSER … +${command}`;
  return finalFaults.find(([told]) => told.test(message))?.[1];
}

/** Whether Redis answered, and may answer otherwise soon. */
export function isTransient(error: unknown): boolean {
  return transientAdvice(error) !== undefined;
}

function transientAdvice(error: unknown): string | undefined {
  const message = messageOf(error);
  return passingFaults.find(([told]) => told.test(message))?.[1];
}

/** Redis' own words begin with one in capitals. */
function isAnswer(message: string): boolean {
  return /^[A-Z]+ /u.test(message);
}

/** What the operator reads, without user and password. */
export function startFault(address: RedisAddress, cause: unknown, waitMs: number): RedisError {
  const advice =
    sentinelAdvice(address, cause) ??
    finalAdvice(cause) ??
    transientAdvice(cause) ??
    (isAnswer(messageOf(cause)) ? seeLog : undefined);
  const where = shownAddress(address);
  const why = messageOf(cause);
  const message =
    advice === undefined
      ? `can't reach Redis at ${where} within ${waitMs / 1_000} s (${why}). ${unreachableAdvice(address, why)}`
      : `can't use Redis at ${where} (${why.replace(/\.$/u, "")}). ${advice}`;
  return new RedisError(`REDIS_URL: ${message}`, { cause });
}

/** The password in the address is that of the servers. */
function sentinelAdvice(address: RedisAddress, cause: unknown): string | undefined {
  if (address.kind === "server" || !messageOf(cause).startsWith("NOAUTH")) return undefined;
  return address.password === ""
    ? "It wants a password: redis+sentinel://:password@host:26379/primary."
    : "The Sentinels want a password themselves, and are given none: take requirepass out of their settings.";
}

/** Of one more connection, while the first is there: one that is too many is often cut without a word. */
export function noRoomFault(address: RedisAddress, cause: unknown): RedisError {
  const message = `can't open another connection to Redis at ${shownAddress(address)} (${messageOf(cause)}). ${noRoomAdvice}`;
  return new RedisError(`REDIS_URL: ${message}`, { cause });
}

/** One end speaks TLS and the other does not: neither says so. */
function unreachableAdvice(address: RedisAddress, why: string): string {
  if (address.kind === "sentinel") return defaultAdvice;
  const isTls = address.url.startsWith("rediss:");
  if (isTls && /time|ECONNRESET|closed/iu.test(why))
    return `${defaultAdvice} If it speaks no TLS there, the address begins with redis://.`;
  if (!isTls && /ECONNRESET|closed|EPIPE/iu.test(why))
    return `${defaultAdvice} If it wants TLS there, the address begins with rediss://.`;
  return defaultAdvice;
}

function messageOf(error: unknown): string {
  // A name with several addresses gives one error for each, and no message of its own.
  if (error instanceof AggregateError) return error.errors.map(messageOf).join(", ");
  const message = error instanceof Error ? error.message : String(error);
  // Some of Redis' answers are essays.
  return message.split(/[\r\n]/u, 1)[0]?.slice(0, maxChars) ?? "";
}
