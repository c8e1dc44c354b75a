/** The part of a CPU profile of V8 that is read here. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: {
      readonly functionName: string;
      readonly url: string;
      /** From 0. Missing in profiles of other tools. */
      readonly lineNumber?: number;
    };
    readonly children?: readonly number[];
  }[];
  /** The node of each sample. */
  readonly samples: readonly number[];
  /** From each sample to the one before, in µs. */
  readonly timeDeltas: readonly number[];
}

/** The self time of a package, in ms. */
export interface ProfileRow {
  readonly owner: string;
  readonly ms: number;
  /** The functions that took most of it. */
  readonly top: readonly { readonly name: string; readonly ms: number }[];
}

const idle = new Set(["(idle)", "(root)"]);
const shownFunctions = 3;
const shownHotSpots = 10;

/** Adds up self time by package, most first. Functions of V8 itself, as JSON.parse, count for who calls them. */
export function profileTable(profiles: readonly CpuProfile[]): readonly ProfileRow[] {
  const owners = new Map<string, Map<string, number>>();
  for (const profile of profiles) {
    for (const { owner, name, ms } of selfTimes(profile)) {
      const functions = owners.get(owner) ?? new Map<string, number>();
      functions.set(name, (functions.get(name) ?? 0) + ms);
      owners.set(owner, functions);
    }
  }
  return [...owners].map(([owner, functions]) => rowOf(owner, functions)).toSorted((a, b) => b.ms - a.ms);
}

function rowOf(owner: string, functions: ReadonlyMap<string, number>): ProfileRow {
  const sorted = [...functions].toSorted(([, a], [, b]) => b - a).map(([name, ms]) => ({ name, ms }));
  return {
    owner,
    ms: sorted.reduce((total, each) => total + each.ms, 0),
    top: sorted.slice(0, shownFunctions),
  };
}

function* selfTimes({ nodes, samples, timeDeltas }: CpuProfile) {
  const micros = new Map<number, number>();
  samples.forEach((id, index) => micros.set(id, (micros.get(id) ?? 0) + (timeDeltas[index] ?? 0)));
  const owners = ownersOf(nodes);
  for (const { id, callFrame } of nodes) {
    const spent = micros.get(id);
    const { functionName } = callFrame;
    // The inspector is there for the profile only.
    if (spent === undefined || idle.has(functionName) || callFrame.url.startsWith("node:inspector")) continue;
    yield {
      owner: owners.get(id) ?? "?",
      name: functionName || "(anonymous)",
      place: placeOf(callFrame.url, callFrame.lineNumber ?? 0),
      ms: spent / 1_000,
    };
  }
}

/** The file from its package or from our `src` on, and the line. Empty for what has no file. */
function placeOf(url: string, lineNumber: number): string {
  if (url === "") return "";
  if (url.startsWith("node:")) return `${url}:${lineNumber + 1}`;
  const inPackage = url.split("/node_modules/").at(-1) ?? "";
  const inSource = url.split("/src/").at(-1) ?? "";
  const ours = url.includes("/src/") ? `src/${inSource}` : url.replace(/^.*\//u, "");
  return `${url.includes("/node_modules/") ? inPackage : ours}:${lineNumber + 1}`;
}

/** A function with its self time. */
export interface HotSpot {
  readonly name: string;
  /** Its file and line. Empty: it is a part of V8. */
  readonly place: string;
  readonly owner: string;
  readonly ms: number;
}

/** The functions with most self time, most first. A function of V8 itself is told for each package that calls it. */
export function hotSpots(profiles: readonly CpuProfile[], count = shownHotSpots): readonly HotSpot[] {
  const found = new Map<string, HotSpot>();
  for (const profile of profiles) {
    for (const spot of selfTimes(profile)) {
      const key = `${spot.owner} ${spot.name} ${spot.place}`;
      found.set(key, { ...spot, ms: spot.ms + (found.get(key)?.ms ?? 0) });
    }
  }
  return [...found.values()].toSorted((a, b) => b.ms - a.ms).slice(0, count);
}

/** The owner of each node. One without a file has that of its caller. */
function ownersOf(nodes: CpuProfile["nodes"]): ReadonlyMap<number, string> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const owners = new Map<number, string>();
  const waiting: [id: number, caller: string][] = nodes.slice(0, 1).map(({ id }) => [id, "V8"]);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [id, caller] = next;
    const node = byId.get(id);
    if (node === undefined) continue;
    const owner = ownerOf(node.callFrame.functionName, node.callFrame.url) ?? caller;
    owners.set(id, owner);
    for (const child of node.children ?? []) waiting.push([child, owner]);
  }
  return owners;
}

function ownerOf(functionName: string, url: string): string | undefined {
  if (functionName === "(garbage collector)") return "garbage collection";
  if (functionName === "(program)") return "native code";
  if (url === "") return undefined;
  return ownerOfFile(url);
}

/** The package of a file, the room of ours, or the part of Node. */
export function ownerOfFile(url: string): string {
  if (url.startsWith("node:")) return partOfNode(url);
  const inPackage = url.split("/node_modules/").at(-1) ?? "";
  if (url.includes("/node_modules/")) {
    const [scope = "", name = ""] = inPackage.split("/");
    return scope.startsWith("@") ? `${scope}/${name}` : scope;
  }
  const ours = url.split("/src/").at(1)?.split("/");
  if (ours !== undefined)
    return `src/${(ours.length === 1 ? ours : ours.slice(0, -1)).slice(0, 2).join("/")}`;
  return url.includes("/contestants/") ? "the contestant itself" : "the rest";
}

function partOfNode(url: string): string {
  if (url.includes("undici")) return "node: undici";
  if (/stream/u.test(url)) return "node: streams";
  if (/http/u.test(url)) return "node: http";
  if (/abort|event_target|domexception/u.test(url)) return "node: aborts and events";
  if (/timers|promises|async_hooks|task_queues/u.test(url)) return "node: timers and promises";
  return "node: the rest";
}
