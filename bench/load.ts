import { runLoad } from "../test/support/load.ts";
import { openDiscordStage } from "../test/support/stages/discord-stage.ts";
import { openSlackStage } from "../test/support/stages/slack-stage.ts";
import { openWebStage } from "../test/support/stages/web-stage.ts";

// npm run load                1,000 conversations at once with 10 messages each (Discord: 50 with 4)
// npm run load -- 100 5       another size, for Slack and the web chat
const [rooms = 1_000, messages = 10] = process.argv.slice(2).map(Number);
const runs = [
  ["Slack over HTTP", () => openSlackStage("http"), { rooms, messages }],
  ["web chat", openWebStage, { rooms, messages }],
  // discord.js sends at most 50 requests per second.
  ["Discord", openDiscordStage, { rooms: Math.min(50, rooms), messages: Math.min(4, messages) }],
] as const;

const rows = [];
for (const [name, openStage, crowd] of runs) {
  const report = await runLoad(openStage, crowd);
  rows.push({
    platform: name,
    conversations: crowd.rooms,
    ...report,
    seconds: report.seconds.toFixed(1),
    "messages/s": Math.round(report.messages / report.seconds),
    "CPU s per 1,000": ((report.cpuSeconds / report.messages) * 1_000).toFixed(2),
  });
}
// oxlint-disable-next-line no-console -- this program is for people who read its table
console.table(rows);
const isWhole = rows.every((row) => row.lost + row.doubled + row.outOfOrder + row.crossTalk === 0);
process.exitCode = isWhole ? 0 : 1;
