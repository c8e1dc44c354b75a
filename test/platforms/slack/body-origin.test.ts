import { expect, test } from "vitest";

import { installationIdsIn } from "../../../src/platforms/slack/wire/body-origin.ts";

const partner = { team_id: "TPARTNER", context_team_id: "TPARTNER", enterprise_id: "EPARTNER" };

test.each([
  [
    "an event by its authorisation, also where a partner's workspace is named",
    { ...partner, authorizations: [{ team_id: "T1", enterprise_id: null, is_enterprise_install: false }] },
    ["T1"],
  ],
  [
    "an event for an organisation by the organisation first",
    { ...partner, authorizations: [{ team_id: "T1", enterprise_id: "E1", is_enterprise_install: true }] },
    ["E1", "T1"],
  ],
  [
    "an event for a workspace of an organisation by the workspace first",
    { authorizations: [{ team_id: "T1", enterprise_id: "E1", is_enterprise_install: false }] },
    ["T1", "E1"],
  ],
  [
    "an event without an authorisation by its context",
    { context_team_id: "T1", team_id: "TPARTNER", authorizations: [] },
    ["T1"],
  ],
  [
    "a slash command, which writes flags as words",
    { command: "/help", team_id: "T1", enterprise_id: "E1", is_enterprise_install: "true" },
    ["E1", "T1"],
  ],
  [
    "a press by its workspace, not by the person's",
    { type: "block_actions", team: { id: "T1" }, user: { id: "U1", team_id: "TPARTNER" }, enterprise: null },
    ["T1"],
  ],
  [
    "a press in an organisation",
    { team: null, enterprise: { id: "E1" }, is_enterprise_install: true },
    ["E1"],
  ],
  [
    "a sent form by the workspace of the app, not by the person's",
    { type: "view_submission", team: { id: "TPARTNER" }, view: { app_installed_team_id: "T1" } },
    ["T1"],
  ],
  ["a press that names the person's workspace only", { user: { id: "U1", team_id: "T1" } }, ["T1"]],
  ["nothing", { event: {} }, []],
  ["no object", "T1", []],
  ["fields of other types", { team_id: 7, team: "T1", authorizations: "T1" }, []],
])("the installation of a body is found: %s", (_, body, ids) => {
  expect(installationIdsIn(body)).toEqual(ids);
});
