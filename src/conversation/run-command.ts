import type { Recollection } from "../domain/recollection.ts";
import type { Lease, Turn } from "../domain/turn.ts";
import { ModelError } from "../ports/model.ts";
import { PlatformError } from "../ports/platform.ts";
import { apologyFor } from "./apology.ts";
import { askModel } from "./ask-model.ts";
import type { CommandResult } from "./command-runner.ts";
import type { CommandPlan } from "./plan-next.ts";
import { split } from "./split.ts";
import { platformFor, type TurnPorts } from "./turn-ports.ts";
import { fitWindow } from "./window.ts";
import { withRetries } from "./with-retries.ts";
import { ReplyWriter } from "./write-reply.ts";

/** A command with all that it starts from. */
export interface CommandStart {
  readonly lease: Lease;
  readonly turn: Turn;
  readonly plan: CommandPlan;
  readonly recollection: Recollection;
}

/** One command, from the order to its closed turn. The asker is told first: told twice beats told never. */
export async function runCommand(ports: TurnPorts, start: CommandStart, signal: AbortSignal): Promise<void> {
  const { lease, plan, turn } = start;
  const recollection = fitWindow(start.recollection, ports.budget, ports.model.countTokens);
  const platform = platformFor(ports, turn.replyTo.platform);
  const reply = new ReplyWriter({ ...ports, platform }, lease, turn, []);
  // Memory was written, and the process died before the inbox was closed: what is left is to close it.
  const isDone = recollection.lastTurn === turn.id;
  const result =
    isDone || turn.answer !== undefined ? undefined : await run(ports, { ...start, recollection }, signal);
  try {
    if (result?.isShared === false) await answerAlone(ports, { reply, plan, say: result.say }, signal);
    else await answerAll(ports, { reply, plan, say: result?.say ?? turn.answer }, signal);
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    ports.log.error(
      { err: error, kind: error.kind, command: plan.command.name, reference: ports.ids.reference() },
      "the answer to a command could not be shown",
    );
  }
  const remembered = { ...(result?.recollection ?? recollection), lastTurn: turn.id };
  const posts = reply.turn.posts.flatMap((post) => post.id ?? []);
  await ports.journal.finish(lease, { covers: plan.covers, recollection: remembered, posts }, signal);
  platform.turnFinished?.(turn.replyTo, { turn: turn.id, text: reply.turn.answer ?? "", covers: [] });
  ports.log.info({ turn: turn.id, command: plan.command.name }, "command finished");
}

interface CommandAnswer {
  readonly reply: ReplyWriter;
  readonly plan: CommandPlan;
  readonly say: string | undefined;
}

async function answerAlone(
  ports: TurnPorts,
  { reply, plan, say = "" }: CommandAnswer,
  signal: AbortSignal,
): Promise<void> {
  // What the command interrupted has no question any more.
  await reply.withdraw(signal);
  await tell(ports, plan.command.replyTo, say, signal);
}

async function answerAll(
  ports: TurnPorts,
  { reply, plan, say }: CommandAnswer,
  signal: AbortSignal,
): Promise<void> {
  if (say === undefined) return;
  if (reply.turn.answer === undefined) await reply.note({ answer: say }, signal);
  await reply.close(say, signal);
  // Where the asker waits for a private answer, it must not wait for ever.
  if (plan.command.replyTo.expiresAtMs !== undefined) {
    await tell(ports, plan.command.replyTo, "Shown to everybody here.", signal);
  }
}

async function run(
  ports: TurnPorts,
  { plan, recollection }: CommandStart,
  signal: AbortSignal,
): Promise<CommandResult> {
  const { name, argument } = plan.command;
  const runner = ports.commands.get(name);
  if (runner === undefined) return { say: `I don't know the command \`/${name}\`.`, isShared: false };
  const { options } = runner.definition;
  if (argument !== "" && !options.some((option) => option.word === argument)) {
    const known = options.map((option) => `\`/${name} ${option.word}\` (${option.description})`).join(", ");
    return {
      say: `\`/${name}\` does not know “${argument}”. ${known === "" ? "It takes nothing behind it." : `It knows ${known}.`}`,
      isShared: false,
    };
  }
  try {
    return await runner.run(
      {
        recollection,
        argument,
        ask: async (prompt) => (await askModel(ports.model, prompt, () => undefined, signal)).text,
      },
      signal,
    );
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    const reference = ports.ids.reference();
    ports.log.error({ err: error, kind: error.kind, reference, command: name }, "the model gave no answer");
    return { say: apologyFor(error.kind, reference), isShared: false };
  }
}

async function tell(ports: TurnPorts, to: Turn["replyTo"], text: string, signal: AbortSignal): Promise<void> {
  const platform = platformFor(ports, to.platform);
  await withRetries(ports.clock, signal, () =>
    platform.tell(to, split(text, platform.limits.postChars), signal),
  );
}
