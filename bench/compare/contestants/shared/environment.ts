function read(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === "") throw new Error(`${name} is missing`);
  return value;
}

/** What the bench tells a contestant. */
export const environment = {
  port: Number(read("PORT")),
  /** Ends with `/api/`. */
  slackApiUrl: read("SLACK_API_URL"),
  slackBotToken: read("SLACK_BOT_TOKEN"),
  slackSigningSecret: read("SLACK_SIGNING_SECRET"),
  /** Ends with `/v1`. */
  openaiBaseUrl: read("OPENAI_BASE_URL"),
  openaiApiKey: read("OPENAI_API_KEY"),
  openaiModel: read("OPENAI_MODEL"),
  redisUrl: read("REDIS_URL"),
  /** The most messages of a prompt. Missing: 20. */
  historyLength: Number(process.env["HISTORY_LENGTH"] ?? 20),
};
