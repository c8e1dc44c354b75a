import type { Tool } from "./agent/tool.ts";
import { recallTool } from "./recall/recall-tool.ts";

/** Every tool, in the order in which the model is told of them. */
export const allTools: readonly Tool[] = [recallTool];
