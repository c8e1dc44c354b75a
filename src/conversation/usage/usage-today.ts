import type { Clock } from "../../ports/clock.ts";
import type { UsageCounters, UsageToday, Used } from "../../ports/usage.ts";
import type { SettingsAt } from "../settings/settings-at.ts";
import { counterOf } from "./bill.ts";

const kinds = ["personTurns", "personTokens", "personImages"] as const;

/** Reads the counters that are charged for a person's answers: see Bill. */
export function usageTodayWith({
  usage,
  settingsAt,
  clock,
}: {
  readonly usage: Pick<UsageCounters, "read">;
  readonly settingsAt: SettingsAt;
  readonly clock: Clock;
}): UsageToday {
  return async (who, signal) => {
    const { limits } = settingsAt(who);
    const counters = kinds.map((kind) => counterOf(kind, who.platform, who.author));
    const counts = await usage.read(counters, clock.nowMs(), signal);
    const [turns, tokens, images] = kinds.map((kind, index): Used => ({
      used: Math.max(0, counts[index] ?? 0),
      limit: limits[kind],
    }));
    const none: Used = { used: 0, limit: 0 };
    return { turns: turns ?? none, tokens: tokens ?? none, images: images ?? none };
  };
}
