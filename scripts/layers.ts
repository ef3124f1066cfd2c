/** The packages in their layers: each may import only what stands in its list (design: *The map*). */
export const layers: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  files: ["protocol"],
  secrets: ["protocol", "files"],
  config: ["protocol", "files", "secrets"],
  state: ["protocol", "files", "secrets"],
  fetch: ["protocol"],
  accounts: ["protocol", "files", "secrets", "config", "fetch"],
  agent: ["protocol", "config", "state", "fetch", "accounts"],
  channels: ["protocol", "config", "state", "fetch"],
  gateway: ["protocol", "files", "secrets", "config", "state", "fetch", "accounts", "agent", "channels"],
  client: ["protocol", "files", "secrets"],
  // Those in `lazyOnly` only by `await import()`: a command that does not need them must not load them.
  cli: [
    ...["protocol", "files", "secrets", "config", "state", "accounts", "agent", "channels"],
    ...["client", "gateway"],
  ],
};

/** Packages that `cli` may load only lazily. */
export const lazyOnly: Readonly<Record<string, readonly string[]>> = {
  cli: ["gateway", "state", "accounts", "agent", "channels"],
};

/** Packages of which another may load only subpaths: their index loads the schema library, which takes its time. */
export const subpathsOnly: Readonly<Record<string, readonly string[]>> = {
  files: ["protocol"],
  secrets: ["protocol"],
};

/** The only files that make requests without the guarded fetch, and why they may. */
export const outgoing: Readonly<Record<string, string>> = {
  "packages/fetch/src/exchange/send.ts": "is the guarded fetch",
  "packages/agent/src/providers/transport.ts":
    "goes to the vendors that the owner configured, Ollama on loopback among them",
  "packages/cli/src/commands/backup/drill.ts": "asks the gateway it has started on loopback",
  "packages/cli/src/link/http.ts": "asks the owner's gateway",
};
