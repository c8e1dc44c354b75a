import { invalidForm, ok, Refusal } from "./answer.ts";
import { channelPayload } from "./payloads.ts";
import type { Handle, Route } from "./routes.ts";

const gatewayBot: Handle = ({ gateway }) =>
  ok({
    url: gateway.url,
    shards: 1,
    session_start_limit: { total: 1000, remaining: 1000, reset_after: 86_400_000, max_concurrency: 1 },
  });

const openDirect: Handle = ({ world }, { body }) => {
  const user = [...world.users.values()].find(({ id }) => id === body["recipient_id"]);
  if (user === undefined) throw new Refusal(404, 10_013, "Unknown User");
  return ok(channelPayload(world.directWith(user)));
};

const putCommands: Handle = ({ world }, { array }) => {
  world.commands = array.map((command) => {
    if (typeof command !== "object" || command === null) throw invalidForm("commands");
    checkCommand(command);
    // Discord gives back more than it was given.
    return {
      ...command,
      id: world.ids.next(),
      application_id: world.application,
      version: world.ids.next(),
      default_member_permissions: null,
      nsfw: false,
    };
  });
  return ok(world.commands);
};

function checkCommand(command: object): void {
  const name = "name" in command ? String(command.name) : "";
  const description = "description" in command ? String(command.description) : "";
  if (!/^[-_\p{Ll}\p{N}]{1,32}$/u.test(name)) throw invalidForm("name");
  if (description.length < 1 || description.length > 100) throw invalidForm("description");
}

export const applicationRoutes: readonly Route[] = [
  { method: "GET", path: /^\/gateway\/bot$/u, handle: gatewayBot },
  { method: "POST", path: /^\/users\/@me\/channels$/u, handle: openDirect },
  {
    method: "GET",
    path: /^\/applications\/\d+\/commands$/u,
    handle: ({ world }) => ok(world.commands),
  },
  { method: "PUT", path: /^\/applications\/\d+\/commands$/u, handle: putCommands },
];
