import { markdownTable } from "./markdown-table.ts";
import { hotSpots, profileTable, type CpuProfile } from "./profile-table.ts";

/** Nobody's functions. */
const partsOfV8 = new Set(["garbage collection", "native code"]);

/**
 * As Markdown. A profile knows how long a thread was busy, also while other programs had its core; so shares are told, and
 * times are the same shares of the CPU time that was measured.
 */
export function profileReport(
  title: string,
  profiles: readonly CpuProfile[],
  cpuMsPerMessage: number,
): string {
  const rows = profileTable(profiles);
  const total = rows.reduce((sum, { ms }) => sum + ms, 0);
  const share = (ms: number): string => `${((ms / total) * 100).toFixed(1)} %`;
  const each = (ms: number): string => ((ms / total) * cpuMsPerMessage).toFixed(3);
  const shown = rows.filter(({ ms }) => ms / total >= 0.005);
  return [
    `### Where the CPU time of ${title} goes`,
    `${cpuMsPerMessage.toFixed(2)} ms per message in all threads; the shares are those of all threads that run JavaScript.`,
    markdownTable(
      ["package", "share", "ms per message", "most of it in"],
      shown.map(({ owner, ms, top }) => [
        owner,
        share(ms),
        each(ms),
        top.map((of) => `\`${of.name}\` ${share(of.ms)}`).join(", "),
      ]),
    ),
    "The functions with most self time:",
    markdownTable(
      ["function", "share", "ms per message", "where"],
      hotSpots(profiles).map(({ name, place, owner, ms }) => [
        `\`${name}\``,
        share(ms),
        each(ms),
        place === "" && !partsOfV8.has(owner) ? `called in ${owner}` : place,
      ]),
    ),
  ].join("\n\n");
}
