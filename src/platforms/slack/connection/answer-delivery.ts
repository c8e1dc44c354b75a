import type { IncomingMessage, ServerResponse } from "node:http";

import type { Logger } from "@slack/bolt";
// Bolt's index would load Express, its other receivers and Slack's OAuth.
import * as HTTPModuleFunctions from "@slack/bolt/dist/receivers/HTTPModuleFunctions.js";
import { HTTPResponseAck } from "@slack/bolt/dist/receivers/HTTPResponseAck.js";

import type { Acknowledgement } from "../wire/acknowledgement.ts";
import { asObject, type JsonObject } from "../wire/json-object.ts";

export interface DeliveryPorts {
  /** Rejects if the body could not be stored. Resolves to the body of the acknowledgement, if there is one. */
  readonly receive: (body: unknown) => Promise<Acknowledgement>;
  readonly logger: Logger;
}

/**
 * Answers one verified request of Slack's: 200 after its body was received, 500 if it could not be stored, so that Slack
 * delivers it again. Never rejects.
 */
export async function answerDelivery(
  request: IncomingMessage & { readonly rawBody: Buffer },
  response: ServerResponse,
  { receive, logger }: DeliveryPorts,
): Promise<void> {
  const body = parse(request, logger);
  if (body === undefined) return HTTPModuleFunctions.buildNoBodyResponse(response, 400);
  if (body["ssl_check"] === "1") return HTTPModuleFunctions.buildSSLCheckResponse(response);
  // https://docs.slack.dev/reference/events/url_verification
  if (body["type"] === "url_verification")
    return HTTPModuleFunctions.buildUrlVerificationResponse(response, body);
  // Bolt's acknowledgement answers by itself after 3 seconds without a call.
  const acknowledgement = new HTTPResponseAck({
    logger,
    processBeforeResponse: false,
    httpRequest: request,
    httpRequestBody: body,
    httpResponse: response,
  });
  try {
    const answer = await receive(body);
    await acknowledgement.bind()(answer);
  } catch {
    if (!response.headersSent) response.writeHead(500).end();
    // Stops the timer; it writes nothing.
    acknowledgement.ack();
  }
}

/** Undefined for a malformed body. */
function parse(
  request: IncomingMessage & { readonly rawBody: Buffer },
  logger: Logger,
): JsonObject | undefined {
  try {
    return asObject(HTTPModuleFunctions.parseHTTPRequestBody(request));
  } catch (error) {
    logger.warn(`Malformed request body: ${error instanceof Error ? error.message : ""}`);
    return undefined;
  }
}
