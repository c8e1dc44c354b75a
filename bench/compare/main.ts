// npm run bench                                        everything; takes more than an hour
// npm run bench -- --quick --only ours-redis,chat-sdk  a first look
// npm run bench -- start                               from the start of a program to its first answer
// See docs/performance.md for all options and for how to read the table.
import { compare } from "./compare.ts";
import { measureStarts } from "./start/measure-starts.ts";

const [first, ...rest] = process.argv.slice(2);
if (first === "start") await measureStarts(rest);
else await compare(process.argv.slice(2));
