import type { CommandDefinition } from "../../../domain/command.ts";
import type { DirectoryEntry } from "../../../domain/conversation.ts";
import { conversationOf } from "../wire/keys.ts";
import type { MenuCommand, ServerFrame } from "../wire/protocol.ts";
import { formsOfActions } from "../wire/reply-buttons.ts";

/** What a page is told first, besides who its person is and what they have said. */
interface Welcome {
  readonly isDemo: boolean;
  readonly commands: readonly CommandDefinition[];
  /** True if people sign in with a token, and so can sign out. */
  readonly hasSignOut?: boolean;
  /** True if a transcriber is set. */
  readonly hearsVoice?: boolean;
}

export function welcomeFrame(
  { isDemo, commands, hasSignOut, hearsVoice }: Welcome,
  user: string,
  entries: readonly DirectoryEntry[],
): ServerFrame {
  return {
    type: "welcome",
    user,
    demo: isDemo,
    conversations: entries.map(({ conversation, title, lastAtMs }) => ({
      id: conversationOf(conversation),
      title,
      atMs: lastAtMs,
    })),
    commands: commands.map(toMenuCommand),
    ...(hasSignOut === true ? { signOut: true } : {}),
    ...(hearsVoice === true ? { voice: true } : {}),
    forms: formsOfActions,
  };
}

/** Menus need no patterns. */
function toMenuCommand({ text, ...rest }: CommandDefinition): MenuCommand {
  if (text === undefined) return rest;
  const { name, description, isRequired } = text;
  return { ...rest, text: { name, description, isRequired } };
}
