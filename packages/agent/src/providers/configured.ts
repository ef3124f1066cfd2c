import type { Secret } from "@carapace/config";
import { ok, type Refusal, type Result } from "@carapace/protocol";
import type { AnthropicSettings } from "./anthropic.ts";
import type { OllamaSettings } from "./ollama.ts";
import type { OpenAISettings } from "./openai.ts";
import {
  baseUrlFrom,
  type Found,
  find,
  headerFrom,
  isLoopback,
  keyFrom,
  type ProviderSource,
  valueAt,
} from "./settings.ts";
import type { Vendor } from "./vendor.ts";

/** What environment and config set up, vendor by vendor; absent if not (agent.md §3). */
export interface Configured {
  readonly anthropic?: AnthropicSettings;
  readonly openai?: OpenAISettings;
  readonly ollama?: OllamaSettings;
}

/** Reads the settings of all vendors; refused if one of them is set to something that can never work. */
export function readSettings(source: ProviderSource): Result<Configured> {
  const anthropic = readAnthropic(source);
  if (!anthropic.ok) return anthropic;
  const openai = readOpenAI(source);
  if (!openai.ok) return openai;
  const ollama = readOllama(source);
  if (!ollama.ok) return ollama;
  return ok({
    ...(anthropic.value ? { anthropic: anthropic.value } : {}),
    ...(openai.value ? { openai: openai.value } : {}),
    ...(ollama.value ? { ollama: ollama.value } : {}),
  });
}

interface Names {
  readonly id: Vendor["id"];
  readonly label: string;
  readonly keyVariable: string;
  readonly urlVariable: string;
  /** Of the config section. */
  readonly path: string;
  readonly defaultUrl: string;
  readonly allowHttp: boolean;
}

interface Account {
  readonly vendor: Vendor;
  readonly key: Secret | undefined;
  readonly baseUrl: string;
}

function readAccount(source: ProviderSource, names: Names): Result<Account> {
  const [keySetting, urlSetting] = findAccount(source, names);
  const key = keyFrom(keySetting);
  if (!key.ok) return key;
  const baseUrl = baseUrlFrom(
    urlSetting ?? { text: names.defaultUrl, name: names.urlVariable },
    names.allowHttp,
  );
  if (!baseUrl.ok) return baseUrl;
  const vendor = {
    id: names.id,
    label: names.label,
    keyName: keySetting?.name ?? `${names.keyVariable} or ${names.path}.apiKey`,
    urlName: urlSetting?.name ?? `${names.urlVariable} or ${names.path}.baseUrl`,
    isLocal: isLoopback(new URL(baseUrl.value)),
    secrets: key.value === undefined ? [] : [key.value],
  };
  return ok({ vendor, key: key.value, baseUrl: baseUrl.value });
}

function findAccount(source: ProviderSource, names: Names): [Found | undefined, Found | undefined] {
  return [
    find(source, [names.keyVariable], `${names.path}.apiKey`),
    find(source, [names.urlVariable], `${names.path}.baseUrl`),
  ];
}

function readAnthropic(source: ProviderSource): Result<AnthropicSettings | undefined> {
  const account = readAccount(source, {
    id: "anthropic",
    label: "Anthropic",
    keyVariable: "ANTHROPIC_API_KEY",
    urlVariable: "ANTHROPIC_BASE_URL",
    path: "anthropic",
    defaultUrl: "https://api.anthropic.com",
    allowHttp: false,
  });
  return withKey(account);
}

function readOpenAI(source: ProviderSource): Result<OpenAISettings | undefined> {
  const account = withKey(
    readAccount(source, {
      id: "openai",
      label: "OpenAI",
      keyVariable: "OPENAI_API_KEY",
      urlVariable: "OPENAI_BASE_URL",
      path: "openai",
      defaultUrl: "https://api.openai.com",
      allowHttp: false,
    }),
  );
  if (!account.ok || account.value === undefined) return account.ok ? ok(undefined) : account;
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
function named({ vendor, baseUrl }: { vendor: Vendor; baseUrl: string }): Vendor {
  const isOpenAI = new URL(baseUrl).hostname.endsWith("openai.com");
  return isOpenAI ? vendor : { ...vendor, label: "The OpenAI-compatible server" };
}

function withKey(account: Result<Account>): Result<(Account & { key: Secret }) | undefined> {
  if (!account.ok) return account;
  const { key } = account.value;
  return ok(key === undefined ? undefined : { ...account.value, key });
}

function readOllama(source: ProviderSource): Result<OllamaSettings | undefined> {
  const isPresent =
    valueAt(source, "providers.ollama") ?? find(source, ["OLLAMA_BASE_URL"], "providers.ollama.baseUrl");
  if (isPresent === undefined) return ok(undefined);
  const account: Result<Account> | Refusal = readAccount(source, {
    id: "ollama",
    label: "Ollama",
    keyVariable: "OLLAMA_API_KEY",
    urlVariable: "OLLAMA_BASE_URL",
    path: "providers.ollama",
    defaultUrl: "http://localhost:11434",
    allowHttp: true,
  });
  if (!account.ok) return account;
  const { vendor, key, baseUrl } = account.value;
  return ok({ vendor, baseUrl, ...(key === undefined ? {} : { key }) });
}
