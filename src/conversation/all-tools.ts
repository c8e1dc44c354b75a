import type { Tool } from "./agent/tool.ts";
import { makeImageTool } from "./images/make-image-tool.ts";
import { recallTool } from "./recall/recall-tool.ts";

/** The tools that every model gets, in the order in which it is told of them. */
export const allTools: readonly Tool[] = [recallTool];

/** All tools. `makesImages`: there is a model that makes them. */
export function toolsWith({ makesImages }: { readonly makesImages: boolean }): readonly Tool[] {
  return makesImages ? [...allTools, makeImageTool] : allTools;
}
