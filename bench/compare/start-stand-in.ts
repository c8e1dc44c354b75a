import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import { account, type Order, type Report, type Talk, type Talked } from "./stand-in/orders.ts";

const program = fileURLToPath(new URL("stand-in/main.ts", import.meta.url));

/** Slack, the model and the people, in a process of their own. */
export interface StandIn extends AsyncDisposable {
  /** What a contestant needs to find them. */
  readonly settings: Readonly<Record<string, string>>;
  /** Events go to these addresses in turn. */
  readonly deliverTo: (ports: readonly number[]) => Promise<void>;
  readonly talk: (talk: Talk) => Promise<Talked>;
}

export async function startStandIn(): Promise<StandIn> {
  const child = fork(program, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const next = async (): Promise<Report> => {
    const [report] = await once(child, "message");
    return report;
  };
  const ask = async (order: Order): Promise<Report> => {
    const answered = next();
    child.send(order);
    return answered;
  };
  const listening = await next();
  if (listening.report !== "listening") throw new Error("The stand-in did not start");
  return {
    settings: {
      SLACK_API_URL: listening.slackUrl,
      SLACK_BOT_TOKEN: account.botToken,
      SLACK_SIGNING_SECRET: account.signingSecret,
      OPENAI_BASE_URL: listening.modelUrl,
      OPENAI_API_KEY: account.modelKey,
      OPENAI_MODEL: account.model,
    },
    deliverTo: async (ports) => {
      await ask({ order: "deliver-to", urls: ports.map((port) => `http://127.0.0.1:${port}/slack/events`) });
    },
    talk: async (talk) => {
      const answer = await ask({ order: "talk", ...talk });
      if (answer.report !== "talked") throw new Error("The stand-in answered something else");
      return answer.talked;
    },
    [Symbol.asyncDispose]: async () => {
      const exit = once(child, "exit");
      child.disconnect();
      await exit;
    },
  };
}
