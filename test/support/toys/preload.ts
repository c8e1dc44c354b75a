import type { Tool, WritingTool } from "../../../src/conversation/agent/tool.ts";
import { allTools } from "../../../src/conversation/all-tools.ts";
import { toyFields, toyFound } from "./toy-server.ts";

// Loaded into a bot with `node --import`: its model can then look things up on the test's toy server.

const url = process.env["TOY_URL"] ?? "";

const lookUp: Tool = {
  definition: { name: "look_up", description: "Looks up a word.", parameters: toyFields },
  effect: "reads",
  run: async ({ of }, _context, signal) => {
    const response = await fetch(`${url}/look_up/${String(of)}`, { signal });
    return { text: toyFound(await response.text()) };
  },
};

const writeDown: WritingTool = {
  definition: { name: "write_down", description: "Writes down a word.", parameters: toyFields },
  effect: "writes",
  describe: ({ of }) => `write down ${String(of)}`,
  run: async ({ of }, { key }, signal) => {
    const headers = { "idempotency-key": key };
    const response = await fetch(`${url}/write_down/${String(of)}`, { headers, signal });
    return { text: toyFound(await response.text()) };
  },
  findOutcome: async ({ key }, signal) => {
    const response = await fetch(`${url}/written/${key}`, { signal });
    return response.ok ? { text: toyFound(await response.text()) } : undefined;
  },
};

/** Nobody can tell whether it rang. */
const { findOutcome: _, ...ring } = writeDown;
const ringBell: WritingTool = {
  ...ring,
  definition: { ...ring.definition, name: "ring", description: "Rings a bell." },
  describe: ({ of }) => `ring for ${String(of)}`,
};

/** A person approves each call. */
const order: WritingTool = {
  ...writeDown,
  definition: { ...writeDown.definition, name: "order", description: "Orders a thing." },
  describe: ({ of }) => `order ${String(of)}`,
  needsApproval: () => true,
};

/** Within the shortest time that a tool can set. */
const orderNow: WritingTool = {
  ...order,
  definition: { ...order.definition, name: "order_now" },
  approvalMs: 10_000,
};

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the list of the program, before it is read
(allTools as Tool[]).push(lookUp, writeDown, ringBell, order, orderNow);
