import { Secret } from "@carapace/config";
import { ok, type Result, refuse } from "@carapace/protocol";

/** The profile a setup token is kept as (agent.md §15). */
export const setupTokenProfileId = "anthropic:default";
export const setupTokenName = "Anthropic setup token";

const prefix = "sk-ant-oat01-";
const minLength = 80;

/** A setup token of Anthropic's, blanks around it dropped; refused, without telling it, if it cannot be one. */
export function checkSetupToken(given: Secret): Result<Secret> {
  const text = given.reveal().trim();
  if (!text.startsWith(prefix))
    return refuse(
      "invalid_request",
      `a setup token starts with ${prefix}: make one with: claude setup-token`,
    );
  if (!/^[\w-]{1,4096}$/.test(text))
    return refuse("invalid_request", "the setup token holds characters that none has: copy it in one piece");
  if (text.length < minLength)
    return refuse(
      "invalid_request",
      `the setup token is too short (${text.length} of at least ${minLength} characters): copy all of it, its lines joined`,
    );
  return ok(new Secret(text));
}
