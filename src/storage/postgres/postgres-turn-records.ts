import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { TurnRecords } from "../../ports/turn-records.ts";
import { addressPerHost } from "../../runtime/addresses/postgres-hosts.ts";
import { ratedTurnsFrom } from "../records/feedback-row.ts";
import { recordsFrom } from "../records/turn-record-row.ts";
import { feedbackSql } from "./archive/feedback-sql.ts";
import { openReason } from "./archive/insert-feedback.ts";
import { recordSql } from "./archive/record-sql.ts";
import { Postgres } from "./database/postgres.ts";
import { Primary } from "./database/primary.ts";

/** Reads turn records, also while the bot runs. The bot must have started once with this version. */
export function openPostgresTurnRecords(
  url: string,
  ports: { readonly clock: Clock; readonly log: Log },
): TurnRecords & AsyncDisposable {
  const [first = url, ...others] = addressPerHost(url) ?? [];
  const postgres = new Postgres(new Primary([first, ...others]), ports);
  return {
    newest: async (conversation, limit, signal) =>
      recordsFrom(await postgres.query(recordSql.newest, [conversation, limit], signal)),
    find: async (turn, signal) => recordsFrom(await postgres.query(recordSql.find, [turn], signal))[0],
    newestFeedback: async ({ conversation, limit }, signal) => {
      const statement = conversation === undefined ? feedbackSql.newest : feedbackSql.newestOf;
      const values = conversation === undefined ? [limit] : [limit, conversation];
      return ratedTurnsFrom(await postgres.query(statement, values, signal), openReason);
    },
    [Symbol.asyncDispose]: () => postgres[Symbol.asyncDispose](),
  };
}
