import { Pool } from "undici";

import { environment } from "./environment.ts";
import { promptOf, type Line } from "./prompt.ts";

/** More connections than there are conversations at once in the bench. */
const connections = 1_024;

const slackUrl = new URL(environment.slackApiUrl);
const slack = new Pool(slackUrl.origin, { connections });
const slackHeaders = {
  authorization: `Bearer ${environment.slackBotToken}`,
  "content-type": "application/json; charset=utf-8",
};

const modelUrl = new URL(environment.openaiBaseUrl);
const model = new Pool(modelUrl.origin, { connections });
const modelHeaders = {
  authorization: `Bearer ${environment.openaiApiKey}`,
  "content-type": "application/json",
};

/** One call of Slack's Web API: no second try, no rate plan. */
export async function callSlack(
  method: string,
  fields: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, unknown>>> {
  const { body } = await slack.request({
    method: "POST",
    path: `${slackUrl.pathname}${method}`,
    headers: slackHeaders,
    body: JSON.stringify(fields),
  });
  const result = (await body.json()) as Readonly<Record<string, unknown>>;
  if (result["ok"] !== true) throw new Error(`${method}: ${String(result["error"])}`);
  return result;
}

async function askModel(lines: readonly Line[], stream: boolean) {
  const { statusCode, body } = await model.request({
    method: "POST",
    path: `${modelUrl.pathname}/chat/completions`,
    headers: modelHeaders,
    body: JSON.stringify({ model: environment.openaiModel, messages: promptOf(lines), stream }),
  });
  if (statusCode !== 200) throw new Error(`the model server answered ${statusCode}`);
  return body;
}

/** The whole answer, in one piece. */
export async function answerOf(lines: readonly Line[]): Promise<string> {
  const body = await askModel(lines, false);
  const { choices } = (await body.json()) as {
    readonly choices: readonly { readonly message: { readonly content: string } }[];
  };
  const answer = choices[0]?.message.content;
  if (answer === undefined) throw new Error("the model server gave no answer");
  return answer;
}

/** The pieces of an answer as they arrive. Throws where the stream breaks off. */
export async function* piecesOf(lines: readonly Line[]): AsyncGenerator<string, void, undefined> {
  const body = await askModel(lines, true);
  body.setEncoding("utf8");
  let rest = "";
  let isWhole = false;
  for await (const chunk of body as AsyncIterable<string>) {
    const events = (rest + chunk).split("\n");
    rest = events.pop() ?? "";
    for (const event of events) {
      const data = event.startsWith("data:") ? event.slice(5).trim() : "";
      if (data === "[DONE]") isWhole = true;
      else if (data !== "") yield pieceIn(data);
    }
  }
  if (!isWhole) throw new Error("the answer broke off");
}

function pieceIn(data: string): string {
  const { choices } = JSON.parse(data) as {
    readonly choices: readonly { readonly delta: { readonly content?: string | null } }[];
  };
  return choices[0]?.delta.content ?? "";
}
