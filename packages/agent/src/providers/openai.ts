import { ok, type Result } from "@carapace/protocol";
import {
  accountNames,
  accountParts,
  configured,
  type KeyedAccount,
  readKeyedAccount,
  setUpText,
} from "./account.ts";
import { find, headerFrom, type ProviderSource } from "./settings.ts";
import type { Vendor, VendorDefinition } from "./vendor.ts";
import { whenAsked } from "./when-asked.ts";

const names = accountNames("openai");

/** An OpenAI account, or a server that speaks its protocol. */
export const openai: VendorDefinition = {
  howToSetUp: setUpText(names.label, names.key),
  headerTimeoutMs: 120_000,
  read: (source) =>
    configured(readSettings(source), (settings) => ({
      create: (deps) =>
        whenAsked("openai", async () =>
          (await import("./openai-provider.ts")).createOpenAIProvider(settings, deps),
        ),
      fingerprint: [...accountParts(settings), ...Object.entries(settings.headers).flat()],
      defaultModel: () => ok(names.exampleModel),
    })),
};

/** An account, and what is told to its server about us. */
export interface OpenAISettings extends KeyedAccount {
  /** `HTTP-Referer`, `X-Title`. */
  readonly headers: Readonly<Record<string, string>>;
}

function readSettings(source: ProviderSource): Result<OpenAISettings | undefined> {
  const account = readKeyedAccount(source, names);
  if (!account.ok) return account;
  if (account.value === undefined) return ok(undefined);
  const referer = headerFrom(find(source, ["OPENAI_HTTP_REFERER"], "openai.httpReferer"));
  if (!referer.ok) return referer;
  const title = headerFrom(find(source, ["OPENAI_X_TITLE", "OPENAI_TITLE"], "openai.title"));
  if (!title.ok) return title;
  const headers = {
    ...(referer.value === undefined ? {} : { "HTTP-Referer": referer.value }),
    ...(title.value === undefined ? {} : { "X-Title": title.value }),
  };
  return ok({ ...account.value, vendor: named(account.value), headers });
}

/** A server of somebody else that speaks OpenAI's protocol must not be called OpenAI in an error. */
function named({ vendor, baseUrl }: KeyedAccount): Vendor {
  const isOpenAI = new URL(baseUrl).hostname.endsWith("openai.com");
  return isOpenAI ? vendor : { ...vendor, label: "The OpenAI-compatible server" };
}
