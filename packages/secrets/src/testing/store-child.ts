// Opens the credential store in a process of its own: the system's library keeps to the bus it met first. Answers each
// line of JSON with one.
import { CredentialStoreError } from "../credential-store/error.ts";
import { openCredentialStore } from "../credential-store/open.ts";

const [stateDir = ""] = process.argv.slice(2);
const store = await openCredentialStore({ env: process.env, stateDir, nowMs: Date.now });
const answer = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`);
answer({ kind: store.kind, isDurable: store.isDurable, why: store.why });

for await (const line of console) {
  const { call, account, value } = JSON.parse(line);
  try {
    const got =
      call === "set"
        ? await store.set(account, value)
        : call === "get"
          ? await store.get(account)
          : await store.delete(account);
    answer({ value: got ?? null });
  } catch (error) {
    if (!(error instanceof CredentialStoreError)) throw error;
    answer({ code: error.code, say: error.message });
  }
}
