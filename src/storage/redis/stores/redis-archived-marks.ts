import type { ConversationKey } from "../../../domain/conversation.ts";
import type { ArchivedMarks } from "../../../ports/archived-marks.ts";
import { keys } from "../commands/keys.ts";
import { strings } from "../commands/replies.ts";
import { script, type Redis } from "../commands/redis.ts";

/**
 * KEYS: conversation records. Returns the indexes of those that don't exist or have neither a message nor a memory.
 */
const missingScript = script(`
local reply = {}
for i = 1, #KEYS do
  if redis.call("HEXISTS", KEYS[i], "platform") + redis.call("HEXISTS", KEYS[i], "revision") == 0 then
    reply[#reply + 1] = tostring(i - 1)
  end
end
return reply
`);

/** The marks of archived conversations in Redis. */
export class RedisArchivedMarks implements ArchivedMarks {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  readonly missing: ArchivedMarks["missing"] = async (conversations, signal) => {
    if (conversations.length === 0) return [];
    const places = strings(
      await this.#redis.run(missingScript, conversations.map(keys.conversation), [], signal),
    );
    return places.flatMap((place) => conversations[Number(place)] ?? []);
  };

  readonly mayBeArchived = async (conversation: ConversationKey, signal: AbortSignal): Promise<boolean> => {
    const isMarked = await this.#redis.send(["SISMEMBER", keys.archived, conversation], signal);
    if (isMarked === 1) return true;
    const record = keys.conversation(conversation);
    const isRemembered = await this.#redis.send(["HEXISTS", record, "revision"], signal);
    return isRemembered === 1 || !(await this.isComplete(signal));
  };

  readonly mark: ArchivedMarks["mark"] = async (conversations, signal) => {
    const missing = await this.missing(conversations, signal);
    if (missing.length > 0) await this.#redis.send(["SADD", keys.archived, ...missing], signal);
  };

  readonly isComplete = async (signal: AbortSignal): Promise<boolean> =>
    (await this.#redis.send(["EXISTS", keys.allArchivedMarked], signal)) === 1;

  readonly markComplete = async (signal: AbortSignal): Promise<void> => {
    await this.#redis.send(["SET", keys.allArchivedMarked, "1"], signal);
  };
}
