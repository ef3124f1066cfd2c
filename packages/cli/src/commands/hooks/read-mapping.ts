import type { Json } from "@carapace/protocol";
import { ok, type Result, refuse } from "@carapace/protocol/failures";

type Text = string | undefined;

/** What `cara hooks add` was told. */
export interface AddOptions {
  readonly preset: Text;
  readonly id: Text;
  readonly path: Text;
  readonly source: Text;
  readonly action: Text;
  readonly instructions: Text;
  readonly messageTemplate: Text;
  readonly textTemplate: Text;
  readonly name: Text;
  readonly sessionKey: Text;
  readonly channel: Text;
  readonly to: Text;
  readonly silent: boolean;
  readonly wakeMode: Text;
  readonly model: Text;
  readonly transform: Text;
  readonly auth: Text;
  readonly secretFromStdin: boolean;
  readonly signatureHeader: Text;
  readonly prefix: Text;
  readonly timestampHeader: Text;
  readonly signed: Text;
  readonly algorithm: Text;
  readonly encoding: Text;
}

/** The mapping as the file has it, without its secret. Refused where it could not do anything. Pure. */
export function readMapping(options: AddOptions): Result<Record<string, Json>> {
  const { path, source, preset, auth, silent, transform, action } = options;
  if (path === undefined && preset === undefined)
    return refuse("invalid_request", "say which calls it takes: --path ci, or a --preset");
  const hasText = options.messageTemplate ?? options.textTemplate ?? preset ?? transform;
  if (hasText === undefined && action !== "wake")
    return refuse("invalid_request", "say what the assistant is told: --message-template 'CI: {{state}}'");
  if (auth === "hmac" && options.signatureHeader === undefined)
    return refuse("invalid_request", "--auth hmac needs --signature-header, such as X-Signature");
  const hmac = hmacOf(options);
  if (auth !== "hmac" && Object.keys(hmac).length > 0)
    return refuse("invalid_request", "--signature-header and what describes it need --auth hmac");
  const match = said({ path, source });
  const { id, instructions, messageTemplate, textTemplate, name, sessionKey, channel, to, wakeMode, model } =
    options;
  return ok({
    ...said({ id, preset }),
    ...(Object.keys(match).length > 0 ? { match } : {}),
    ...(auth === undefined ? {} : { auth: { kind: auth, ...hmac } }),
    ...said({ action, wakeMode, name, sessionKey, instructions, messageTemplate, textTemplate }),
    ...said({ channel, to, model }),
    ...(silent ? { deliver: false } : {}),
    ...(transform === undefined ? {} : { transform: { module: transform } }),
  });
}

function hmacOf({ signatureHeader, prefix, timestampHeader, signed, algorithm, encoding }: AddOptions) {
  return said({ header: signatureHeader, prefix, timestampHeader, signed, algorithm, encoding });
}

function said(fields: Readonly<Record<string, Text>>): Record<string, string> {
  const all = Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  return Object.fromEntries(all);
}
