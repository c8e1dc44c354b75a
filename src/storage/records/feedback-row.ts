import { z } from "zod";

import type { RatedTurn, Verdict } from "../../domain/feedback.ts";
import type { TurnId } from "../../domain/message.ts";
import { recordsFrom } from "./turn-record-row.ts";

type Row = Readonly<Record<string, unknown>>;

const stored = z.object({
  author: z.string(),
  verdict: z.enum(["up", "down"]),
  at_ms: z.coerce.number(),
});

/** The feedback in the rows of a query, each with its turn's record. Leaves out what can't be read. */
export function ratedTurnsFrom(
  rows: readonly Row[],
  reasonOf: (row: Row) => string | undefined,
): readonly RatedTurn[] {
  return rows.flatMap((row) => {
    const [record] = recordsFrom([row]);
    const { success, data } = stored.safeParse(row);
    if (record === undefined || !success) return [];
    const reason = reasonOf(row) ?? "";
    const { author, verdict, at_ms: atMs } = data;
    return [{ author, verdict, atMs, ...(reason === "" ? {} : { reason }), record }];
  });
}

const storedVerdict = z.object({ turn: z.string(), verdict: stored.shape.verdict });

/** The verdicts in the rows of a query, by turn. Leaves out what can't be read. */
export function verdictsFrom(rows: readonly Row[]): ReadonlyMap<TurnId, Verdict> {
  return new Map(
    rows.flatMap((row): readonly [TurnId, Verdict][] => {
      const { success, data } = storedVerdict.safeParse(row);
      return success ? [[data.turn, data.verdict]] : [];
    }),
  );
}
