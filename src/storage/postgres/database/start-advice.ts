import { addressEscapes } from "../../../runtime/addresses/address-escapes.ts";

/** Why Postgres, or a pooler in front of it, refuses the bot. */
interface Refusal {
  /** Matches the code, a space and the message. */
  readonly pattern: RegExp;
  readonly advice: string;
  /** It may pass soon. */
  readonly isTransient?: true;
}

const noRoomAdvice =
  "It has no room for more connections, of which each replica takes up to twelve: raise max_connections or the limit of the user, the database or the pooler.";

/** The first match counts. Poolers use 08P01 for everything they refuse. */
const refusals: readonly Refusal[] = [
  {
    pattern: /^08P01 unsupported startup parameter/u,
    advice:
      "A pooler in between refuses statement_timeout, or what options in the address set. Let it ignore them (pgbouncer: ignore_startup_parameters = statement_timeout), and leave options out.",
  },
  {
    pattern: /statement pooling/u,
    advice: "The pooler in between must be in transaction mode or session mode, not in statement mode.",
  },
  {
    pattern: /^08P01 (?:no such database|bouncer config error)/u,
    advice: "The pooler in between knows no such database or user: see its [databases] and its log.",
  },
  { pattern: /^53300|no more connections|max client connections/iu, advice: noRoomAdvice, isTransient: true },
  {
    pattern: /cannot connect to server|login has been failing|query_wait_timeout|server_login_retry/u,
    advice: "The pooler in between does not reach Postgres: see its log.",
    isTransient: true,
  },
  {
    pattern: /^28P01|^(?:08P01|XX000) .*(?:authentication failed|no such user|user not found|password)/iu,
    advice: `Check the user and the password. ${addressEscapes}.`,
  },
  { pattern: /^08P01/u, advice: "A pooler in between refuses this: see its log." },
  {
    pattern: /^28000 .*not permitted to log in/u,
    advice: "That user may not log in: ALTER ROLE … LOGIN.",
  },
  { pattern: /^28000 role .* does not exist/u, advice: "There is no such user: CREATE ROLE … LOGIN." },
  {
    pattern: /^28/u,
    advice:
      "The server's pg_hba.conf does not let this user in to this database from here, or there is no such user.",
  },
  { pattern: /^3D000/u, advice: "Create the database first: createdb NAME." },
  {
    pattern: /^42501/u,
    advice:
      "The user may not make tables there: GRANT CREATE ON DATABASE … TO …, or where the schema threadkeeper is there already, ALTER SCHEMA threadkeeper OWNER TO ….",
  },
  {
    pattern: /^(?:42|0A)/u,
    advice: "Another program's tables may lie in its schema threadkeeper: see its log.",
  },
  {
    pattern: /^55000/u,
    advice: "The database takes no connections: ALTER DATABASE … ALLOW_CONNECTIONS true.",
  },
  {
    pattern: /^25006/u,
    advice:
      "It is read-only: give the address of the primary, or switch default_transaction_read_only off for this database and user.",
    isTransient: true,
  },
  {
    pattern: /^57014/u,
    advice: "A timeout ends its statements: give this user or the address a longer statement_timeout.",
    isTransient: true,
  },
  {
    pattern: /^57P03/u,
    advice: "It is starting, recovering or stopping: see its log.",
    isTransient: true,
  },
];

/** Undefined if none matches. */
export function refusalOf(code: string, message: string): Refusal | undefined {
  return refusals.find(({ pattern }) => pattern.test(`${code} ${message}`));
}
