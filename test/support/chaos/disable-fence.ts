import { registerHooks } from "node:module";

// Loaded into a bot with `node --import`: the bot then writes whatever it likes after another took over, and a suite
// that stays green proves nothing.

interface Mutation {
  readonly file: string;
  readonly fence: string;
  readonly instead: string;
}

const mutations: readonly Mutation[] = [
  {
    file: "/src/storage/redis/lua/fence.ts",
    fence: 'if (held[1] or "") .. " " .. (held[2] or "") ~= ARGV[1] then return "stale" end',
    instead: "",
  },
  {
    file: "/src/storage/sqlite/stores/sqlite-journal.ts",
    fence: 'if (row?.["lease"] !== lease.name) throw stale();',
    instead: "void row;",
  },
  {
    file: "/src/storage/sqlite/stores/sqlite-journal.ts",
    fence: "SET turn = ? WHERE key = ? AND lease = ?",
    instead: "SET turn = ? WHERE key = ? AND ? IS NOT NULL",
  },
];

registerHooks({
  load: (url, context, nextLoad) => {
    const loaded = nextLoad(url, context);
    const wanted = mutations.filter(({ file }) => url.endsWith(file));
    if (wanted.length === 0) return loaded;
    const source = wanted.reduce((text, mutation) => mutate(text, mutation), textOf(loaded.source));
    return { ...loaded, source };
  },
});

function mutate(text: string, { file, fence, instead }: Mutation): string {
  if (!text.includes(fence)) throw new Error(`There is no fence any more to take out of ${file}`);
  process.stderr.write(`without the fence of ${file}\n`);
  return text.replace(fence, instead);
}

function textOf(source: unknown): string {
  if (typeof source === "string") return source;
  if (source instanceof Uint8Array) return new TextDecoder().decode(source);
  throw new TypeError("The source of a module is missing");
}
