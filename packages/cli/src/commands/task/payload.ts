import { type Result, refuse } from "@carapace/protocol/failures";
import type { OptionValues } from "../../command/definition.ts";
import { readText } from "../../input/read-text.ts";
import { isRecord } from "../../link/json.ts";
import type { policyOptions } from "./options.ts";

/** What the gateway takes (http.md §3.2). */
const maxBytes = 131_072;

/**
 * Reads `--payload`: JSON, `@file`, or `-` for standard input. Refuses what is no JSON object, with what one looks like.
 */
export async function readPayload(given: string): Promise<Result<Record<string, unknown>>> {
  const text = await readText(given, { option: "--payload", maxBytes });
  if (!text.ok) return text;
  const parsed = parse(text.value);
  if (isRecord(parsed)) return { ok: true, value: parsed };
  const say =
    "--payload must be a JSON object as a scheduled job has it, such as " +
    '{"kind":"agentTurn","message":"Check the backups"}, or @FILE, or - for standard input';
  return refuse("invalid_request", say);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The policy that the flags say; undefined without any of them. */
export function readPolicy(
  flags: OptionValues<typeof policyOptions>,
): Result<Record<string, number> | undefined> {
  const { maxAttempts, maxTotalRuntimeMs, maxTurns, maxRunTimeoutSeconds, maxTokens } = flags;
  const costUsd = flags.maxCostUsd === undefined ? undefined : Number(flags.maxCostUsd);
  if (costUsd !== undefined && !(costUsd > 0 && Number.isFinite(costUsd)))
    return refuse(
      "invalid_request",
      "--max-cost-usd must be a number of dollars larger than 0, such as 0.50",
    );
  const all = {
    maxAttempts,
    maxTotalRuntimeMs,
    maxTurns,
    maxRunTimeoutSeconds,
    maxTokens,
    maxCostUsd: costUsd,
  };
  const said = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return { ok: true, value: said.length === 0 ? undefined : Object.fromEntries(said) };
}
