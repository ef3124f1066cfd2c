import { ok, type Result, refuse } from "@carapace/protocol/failures";
import type { Ran } from "../run-program.ts";

/** A program that failed is told in its own words, in one line of at most 400 characters. */
export function settled(ran: Result<Ran>): Result<undefined> {
  if (!ran.ok) return ran;
  const { code, stdout, stderr } = ran.value;
  if (code === 0) return ok(undefined);
  const words = (stderr.trim() || stdout.trim()).replace(/\s+/g, " ").slice(0, 400);
  return refuse("unavailable", words === "" ? `the service manager ended with ${code}` : words);
}
