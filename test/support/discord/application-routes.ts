import { invalidForm, ok, Refusal } from "./answer.ts";
import { checkCommand, withoutLocalizations } from "./commands.ts";
import { channelPayload, memberPayload, userPayload } from "./payloads.ts";
import type { Handle, Route } from "./routes.ts";

const gatewayBot: Handle = ({ gateway }) =>
  ok({
    url: gateway.url,
    shards: gateway.shards,
    session_start_limit: { total: 1000, remaining: 1000, reset_after: 86_400_000, max_concurrency: 1 },
  });

const openDirect: Handle = ({ world }, { body }) => {
  const user = [...world.users.values()].find(({ id }) => id === body["recipient_id"]);
  if (user === undefined) throw new Refusal(404, 10_013, "Unknown User");
  return ok(channelPayload(world.directWith(user)));
};

const getCommands: Handle = ({ world }, { query }) =>
  ok(query.get("with_localizations") === "true" ? world.commands : world.commands.map(withoutLocalizations));

const putCommands: Handle = ({ world }, { array }) => {
  world.commands = array.map((command) => {
    if (typeof command !== "object" || command === null) throw invalidForm("commands");
    checkCommand(command);
    // Discord gives back more than it was given.
    return {
      description: "",
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

const member: Handle = ({ world }, { ids }) => {
  if (!world.guilds.includes(ids["guild"] ?? "")) throw new Refusal(404, 10_004, "Unknown Guild");
  const found = [...world.users.values()].find(({ id }) => id === ids["user"]);
  if (found === undefined || found.hasLeft === true) throw new Refusal(404, 10_007, "Unknown Member");
  return ok({ ...memberPayload(found), user: userPayload(found) });
};

export const applicationRoutes: readonly Route[] = [
  { method: "GET", path: /^\/gateway\/bot$/u, handle: gatewayBot },
  { method: "POST", path: /^\/users\/@me\/channels$/u, handle: openDirect },
  {
    method: "GET",
    path: /^\/applications\/\d+\/commands$/u,
    handle: getCommands,
  },
  {
    method: "GET",
    path: /^\/guilds\/(?<guild>\d+)\/members\/(?<user>\d+)$/u,
    handle: member,
  },
  { method: "PUT", path: /^\/applications\/\d+\/commands$/u, handle: putCommands },
];
