import { runPrefix } from "../test/support/openai/prefix-run.ts";

// npm run prefix              200 turns of one conversation, with the window's usual size
// npm run prefix -- 100 8000  another length, another CONTEXT_TOKENS
const [turns = 200, contextTokens = 16_000] = process.argv.slice(2).map(Number);
const wanted = 0.9;

const { bot, sliding, folds, cachedShare, longestPrompt } = await runPrefix({ turns, contextTokens });
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
/* oxlint-disable no-console -- this program is for people who read its table */
console.log(`Prompt tokens beyond the first 1,024 that repeat the prompt before, in ${turns} turns:`);
console.table({
  "window cut in blocks": { mean: percent(bot.mean), overall: percent(bot.overall), cuts: bot.cuts },
  "one message a turn": {
    mean: percent(sliding.mean),
    overall: percent(sliding.overall),
    cuts: sliding.cuts,
  },
});
console.log(
  `${folds} requests to fold; longest prompt ${longestPrompt} tokens; ${percent(cachedShare)} of all prompt tokens reported as cached`,
);
process.exitCode = bot.mean >= wanted ? 0 : 1;
