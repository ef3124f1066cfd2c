import { cliReference } from "@carapace/cli";

/** Every command with its options, as its own help tells them. */
export function cliPage(): string {
  return cliReference();
}
