import { isFormRefusal } from "../api/slack-errors.ts";
import type { RefusedForms } from "./refused-forms.ts";
import { renderCompact, renderMarkdown, renderPlainText, type SlackContent } from "./render-content.ts";

/**
 * Sends a text in the best form that Slack accepts: with its tables and headings, compact, as plain text. Not all limits of
 * blocks are documented. @throws as `send` does: for the last form, or for another reason than the form.
 */
export async function sendInForms<T>(
  markdown: string,
  refused: RefusedForms,
  send: (content: SlackContent) => Promise<T>,
): Promise<T> {
  for (const render of [renderMarkdown, compactIfOther]) {
    const content = refused.has("markdown") ? undefined : render(markdown, refused);
    if (content === undefined) break;
    try {
      return await send(content);
    } catch (error) {
      if (!isFormRefusal(error)) throw error;
      refused.learn(error);
    }
  }
  return send(renderPlainText(markdown));
}

/** Undefined: it would be the same again. */
function compactIfOther(markdown: string, refused: RefusedForms): SlackContent | undefined {
  const compact = renderCompact(markdown);
  return isSameText(compact, renderMarkdown(markdown, refused)) ? undefined : compact;
}

/** Whether two contents have the same Markdown. */
export function isSameText(one: SlackContent, other: SlackContent): boolean {
  const [first, second] = [one.blocks[0], other.blocks[0]];
  return first?.type === "markdown" && second?.type === "markdown" && first.text === second.text;
}
