import { addressEscapes } from "../../../runtime/addresses/address-escapes.ts";
import { printableAddress, type RedisAddress } from "../../../runtime/addresses/redis-address.ts";
import { RedisError } from "./redis-error.ts";

const noRoomAdvice =
  "It takes no more connections, and each replica needs seven: raise its maxclients or the limit of its plan.";
const maxChars = 250;
const seeLog = "Its own log may say more.";
const clientCertificateAdvice =
  "It requires a client certificate, which the bot doesn't have: set its tls-auth-clients to no or optional.";
const defaultAdvice = "Is it running, and are the address and the password right?";

/** Temporary refusals: Redis is asked again until the time is up. */
const passingFaults: readonly (readonly [pattern: RegExp, advice: string])[] = [
  [/^LOADING/u, "It is still loading its data: start again later."],
  [/^(?:MASTERDOWN|CLUSTERDOWN|TRYAGAIN)/u, "It is waiting for its other servers: see its log."],
  [/^BUSY/u, "A script of another program blocks it: end it with SCRIPT KILL."],
  [/^NOREPLICAS/u, "It takes no writes while too few of its replicas are there: see min-replicas-to-write."],
  [/^MISCONF/u, "It takes no writes, since it can't save to its disk: see its log."],
  [/^OOM/u, "It is full: give it more memory (maxmemory)."],
  [/max number of clients/u, noRoomAdvice],
];

/** Faults that waiting can't cure, and what to do. */
const finalFaults: readonly (readonly [pattern: RegExp, advice: string])[] = [
  [/^WRONGPASS/u, `Check the user and the password. ${addressEscapes}.`],
  [
    /unknown command .SENTINEL/iu,
    "These are not Sentinels: the address of a Redis server begins with redis://.",
  ],
  [/No such master/u, "The Sentinels know no primary of that name: SENTINEL MASTERS lists the names."],
  [
    /^DENIED/u,
    "Its protected mode only accepts its own machine: set a password for it, and bind its address.",
  ],
  [/certificate required|handshake failure|bad certificate/iu, clientCertificateAdvice],
  [/^NOAUTH/u, "It wants a password: redis://:password@host, or redis://user:password@host."],
  [/without any password configured/u, "It wants no password: leave it out of the address."],
  [/DB index/u, "It has no database with that number: remove the part after the port."],
  [/not match certificate|ALTNAME/u, "Its certificate is for another name: use that name in the address."],
  [/certificate has expired|not yet valid/u, "Its certificate is not valid now: renew it."],
  [
    /certificate|unable to verify/u,
    "The authority of its certificate is not known here: set NODE_EXTRA_CA_CERTS=/path/ca.pem, outside of .env.",
  ],
  [
    /wrong version number|packet length too long|EPROTO/u,
    "It doesn't use TLS on that port: the address begins with redis://.",
  ],
];

/** Undefined for faults that may pass, such as a name that doesn't resolve yet. */
export function finalAdvice(error: unknown): string | undefined {
  const message = messageOf(error);
  const [, command] = /^NOPERM .* run the .?([\w|]+)/u.exec(message) ?? [];
  if (command !== undefined) return `Grant it to the user: ACL SETUSER … +${command}`;
  return finalFaults.find(([pattern]) => pattern.test(message))?.[1];
}

/** Whether Redis refused and may accept soon. */
export function isTransient(error: unknown): boolean {
  return transientAdvice(error) !== undefined;
}

function transientAdvice(error: unknown): string | undefined {
  const message = messageOf(error);
  return passingFaults.find(([pattern]) => pattern.test(message))?.[1];
}

/** Redis' own messages begin with a word in capitals. */
function isAnswer(message: string): boolean {
  return /^[A-Z]+ /u.test(message);
}

/** For the operator, without user and password. */
export function startFault(address: RedisAddress, cause: unknown, waitMs: number): RedisError {
  const advice =
    sentinelAdvice(address, cause) ??
    finalAdvice(cause) ??
    transientAdvice(cause) ??
    (isAnswer(messageOf(cause)) ? seeLog : undefined);
  const where = printableAddress(address);
  const why = messageOf(cause);
  const message =
    advice === undefined
      ? `can't reach Redis at ${where} within ${waitMs / 1_000} s (${why}). ${unreachableAdvice(address, why)}`
      : `can't use Redis at ${where} (${why.replace(/\.$/u, "")}). ${advice}`;
  return new RedisError(`REDIS_URL: ${message}`, { cause });
}

/** The password in the address is the servers', not the Sentinels'. */
function sentinelAdvice(address: RedisAddress, cause: unknown): string | undefined {
  if (address.kind === "server" || !messageOf(cause).startsWith("NOAUTH")) return undefined;
  return address.password === ""
    ? "It wants a password: redis+sentinel://:password@host:26379/primary."
    : "The Sentinels require a password of their own, which can't be given here: remove requirepass from their settings.";
}

/** For a further connection while the first one works. Servers often close one too many without a word. */
export function noRoomFault(address: RedisAddress, cause: unknown): RedisError {
  const message = `can't open another connection to Redis at ${printableAddress(address)} (${messageOf(cause)}). ${noRoomAdvice}`;
  return new RedisError(`REDIS_URL: ${message}`, { cause });
}

/** If only one end uses TLS, neither says so. */
function unreachableAdvice(address: RedisAddress, why: string): string {
  if (address.kind === "sentinel") return defaultAdvice;
  const isTls = address.url.startsWith("rediss:");
  if (isTls && /time|ECONNRESET|closed/iu.test(why))
    return `${defaultAdvice} If it doesn't use TLS on that port, the address begins with redis://.`;
  if (!isTls && /ECONNRESET|closed|EPIPE/iu.test(why))
    return `${defaultAdvice} If it requires TLS, the address begins with rediss://.`;
  return defaultAdvice;
}

function messageOf(error: unknown): string {
  // A name with several addresses fails with one error per address and no message of its own.
  if (error instanceof AggregateError) return error.errors.map(messageOf).join(", ");
  const message = error instanceof Error ? error.message : String(error);
  // Some of Redis' messages are long.
  return message.split(/[\r\n]/u, 1)[0]?.slice(0, maxChars) ?? "";
}
