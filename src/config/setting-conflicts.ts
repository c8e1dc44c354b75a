/** One line for each combination of settings that can't work. */
export function settingConflicts(values: Readonly<Record<string, string>>): readonly string[] {
  const faults: string[] = [];
  const isSlackOn = values["SLACK_BOT_TOKEN"] !== undefined;
  const way = values["SLACK_APP_TOKEN"] ?? values["SLACK_SIGNING_SECRET"];
  if (isSlackOn && way === undefined) {
    faults.push(
      "SLACK_BOT_TOKEN: set SLACK_APP_TOKEN too (Socket Mode), or SLACK_SIGNING_SECRET (events over HTTP)",
    );
  }
  if (!isSlackOn && way !== undefined) {
    faults.push("SLACK_BOT_TOKEN: is missing, and Slack's other settings are there");
  }
  return faults;
}
