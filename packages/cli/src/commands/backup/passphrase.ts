import { backupPassphrase, type Environment } from "@carapace/config";
import type { Output } from "../../output/output.ts";
import type { SecretInput } from "../../prompt/secret-input.ts";

export interface PassphraseAsk {
  /** Read it from the first line of standard input. */
  readonly fromStdin: boolean;
  /** A new one is asked for twice. */
  readonly isNew: boolean;
  readonly env: Environment;
  readonly out: Output;
}

/** Shorter ones are guessed by whoever has the archive and the time. */
const shortChars = 12;

/** The passphrase of an archive: from standard input, `CARAPACE_BACKUP_PASSPHRASE` or the terminal; never from argv. */
export async function archivePassphrase({ fromStdin, isNew, env, out }: PassphraseAsk): Promise<SecretInput> {
  const given = await input(fromStdin, isNew, env);
  if (!given.ok) return given;
  out.hide([given.value]);
  if (isNew && [...given.value].length < shortChars) {
    out.note(
      `Warning: the passphrase has fewer than ${shortChars} characters; whoever gets the archive can try all there are.`,
    );
  }
  return given;
}

async function input(fromStdin: boolean, isNew: boolean, env: Environment): Promise<SecretInput> {
  const { askNewSecret, askSecret, pipedSecret } = await import("../../prompt/secret-input.ts");
  if (fromStdin) return await pipedSecret();
  const known = backupPassphrase(env);
  if (known !== undefined) return { ok: true, value: known.reveal() };
  if (!process.stdin.isTTY) {
    const say =
      "there is no terminal to ask for the passphrase on: give it with --passphrase-stdin or CARAPACE_BACKUP_PASSPHRASE";
    return { ok: false, code: 1, say };
  }
  return isNew
    ? await askNewSecret("passphrase of the archive")
    : await askSecret("Passphrase of the archive: ");
}
