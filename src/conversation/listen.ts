import type { Recollection } from "../domain/recollection.ts";
import { titleFrom } from "../domain/title.ts";
import type { Lease, Turn } from "../domain/turn.ts";
import type { ListenPlan } from "./plan-next.ts";
import { platformFor, type TurnPorts } from "./turn-ports.ts";
import { ReplyWriter } from "./write-reply.ts";

interface Held {
  readonly lease: Lease;
  readonly running: Turn | undefined;
}

/** Remembers without answering. What was shown of an answer to something that is gone now goes too. */
export async function listen(
  ports: TurnPorts,
  { lease, running }: Held,
  { plan, recollection }: { readonly plan: ListenPlan; readonly recollection: Recollection },
  signal: AbortSignal,
): Promise<void> {
  if (running !== undefined) await withdraw(ports, lease, running, signal);
  const first = recollection.messages.find((message) => message.role === "person");
  // The title may quote what has just been changed.
  const title = plan.changes.length > 0 ? { title: titleFrom(first?.text ?? "") } : {};
  await ports.journal.finish(lease, { covers: plan.covers, recollection, posts: [], ...title }, signal);
}

/** Forgets the whole conversation, and takes back an answer that was being written. */
export async function eraseConversation(
  ports: TurnPorts,
  { lease, running }: Held,
  covers: readonly number[],
  signal: AbortSignal,
): Promise<void> {
  if (running !== undefined) await withdraw(ports, lease, running, signal);
  await ports.journal.finish(lease, { covers, posts: [], erase: true }, signal);
}

async function withdraw(ports: TurnPorts, lease: Lease, running: Turn, signal: AbortSignal): Promise<void> {
  if (running.posts.length === 0) return;
  const platform = platformFor(ports, running.replyTo.platform);
  await new ReplyWriter({ ...ports, platform }, lease, running, []).withdraw(signal);
}
