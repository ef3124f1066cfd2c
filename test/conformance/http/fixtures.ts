import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { scriptedProvider } from "@carapace/agent/testing";
import { startTestGateway } from "@carapace/gateway/testing";
import { stubTools } from "./stub-tools.ts";

/** The gateways the traces are replayed against (http.md §18.2). `mappings` is made afresh for each scenario. */
export type FixtureName = "base" | "hooks-off" | "hooks-path" | "ui-off" | "ui-no-assets";

export interface Fixture extends AsyncDisposable {
  readonly port: number;
  readonly values: Readonly<Record<string, string>>;
}

const tokens = { gateway_token: "the gateway's token", hooks_token: "the hooks' token" };

type Settings = Readonly<Record<string, unknown>>;

/** What each changes in the base's configuration, by dotted key. */
const changes: Readonly<Record<FixtureName, Settings>> = {
  base: {},
  "hooks-off": { "hooks.enabled": false },
  "hooks-path": { "hooks.path": "/api/webhooks" },
  "ui-off": { "controlUi.enabled": false },
  "ui-no-assets": { "controlUi.path": "empty" },
};

/** Transforms that do what the traces say theirs do. */
const transforms: Readonly<Record<string, string>> = {
  "filter-transform.js": "export default ({ payload }) => (payload.skip ? null : {});\n",
  "custom-transform.js":
    'export const process = ({ payload }) => ({ message: "Custom: " + payload.data });\n',
  "throwing-transform.js": 'export default () => { throw new Error("a private detail"); };\n',
};

/** Starts one. @param config Of the scenario, by dotted key; `hooks.*` stands for `gateway.hooks.*`. */
export async function startFixture(name: FixtureName, config: Settings = {}): Promise<Fixture> {
  await using opened = new AsyncDisposableStack();
  const gateway = opened.use(
    await startTestGateway({
      env: { CARAPACE_GATEWAY_TOKEN: tokens.gateway_token },
      replies: [{ text: "A fixed answer.", usage: { inputTokens: 10, outputTokens: 5 } }],
      providers: [{ ...scriptedProvider(["Another answer."]), id: "openai" }],
      tools: stubTools,
      fetchFile: async (url) => ({ ok: true, value: url.endsWith(".pdf") ? pdf : png }),
      config: configOf({ ...changes[name], ...config }),
      prepare: layOut,
    }),
  );
  const closing = opened.move();
  return {
    port: gateway.gateway.port,
    values: tokens,
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

function configOf(changed: Settings) {
  const gateway: Record<string, Record<string, unknown>> = {
    hooks: { enabled: true, token: tokens.hooks_token, transformsDir: "transforms" },
    auth: { mode: "token" },
    openai: { chatCompletions: true, responses: true },
    control: { enabled: true },
    controlUi: { enabled: true, path: "page" },
  };
  for (const [key, value] of Object.entries(changed)) {
    const [section = "", name = ""] = key.split(".");
    gateway[section] = { ...gateway[section], [name]: value };
  }
  const agents = {
    defaults: { model: "offline:basic" },
    list: [
      { id: "main", default: true, identity: { name: "Carapace" } },
      { id: "remote-avatar-agent", identity: { avatar: "https://example.com/a.png" } },
    ],
  };
  return { gateway, agents };
}

/** The files of page, agents and hooks below the state directory. */
async function layOut(stateDir: string): Promise<void> {
  const files: Readonly<Record<string, string | Uint8Array>> = {
    "page/index.html": page,
    "page/assets/main.js": "export {};\n",
    "page/assets/main.css": "body {}\n",
    "agents/main/avatar.png": png,
    ...Object.fromEntries(Object.entries(transforms).map(([name, text]) => [`transforms/${name}`, text])),
  };
  await mkdir(join(stateDir, "empty"), { mode: 0o700 });
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(stateDir, path, ".."), { recursive: true, mode: 0o700 });
    await writeFile(join(stateDir, path), content, { mode: 0o600 });
  }
}

const page = `<!doctype html>
<html>
  <head>
    <meta name="carapace-control-ui-base-path" content="__CARAPACE_CONTROL_UI_BASE_PATH__" />
    <meta name="carapace-assistant-name" content="__CARAPACE_ASSISTANT_NAME__" />
    <meta name="carapace-assistant-avatar" content="__CARAPACE_ASSISTANT_AVATAR__" />
    <meta name="carapace-csrf-cookie" content="__CARAPACE_CSRF_COOKIE__" />
    <meta name="carapace-csrf-header" content="__CARAPACE_CSRF_HEADER__" />
  </head>
  <body></body>
</html>
`;

const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
const pdf = Buffer.from("%PDF-1.4\n%%EOF\n");
