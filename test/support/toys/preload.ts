import type { Tool } from "../../../src/conversation/agent/tool.ts";
import { allTools } from "../../../src/conversation/all-tools.ts";
import { toyFields, toyFound } from "./toy-server.ts";

// Loaded into a bot with `node --import`: its model can then look things up on the test's toy server.

const url = process.env["TOY_URL"] ?? "";

const lookUp: Tool = {
  definition: { name: "look_up", description: "Looks up a word.", parameters: toyFields },
  run: async ({ of }, _context, signal) => {
    const response = await fetch(`${url}/look_up/${String(of)}`, { signal });
    return { text: toyFound(await response.text()) };
  },
};

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the list of the program, before it is read
(allTools as Tool[]).push(lookUp);
