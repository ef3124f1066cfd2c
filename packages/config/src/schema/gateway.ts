import { wireLimits } from "@carapace/protocol";
import { z } from "zod";
import { defaultPort } from "../default-port.ts";
import { hooks } from "./hooks.ts";
import {
  count,
  flag,
  guarded,
  key,
  listOf,
  part,
  secret,
  section,
  text,
  textOr,
  texts,
  wordOr,
} from "./kit.ts";
import { metrics, resources } from "./telemetry.ts";

const error = { wrong: "error" } as const;
/** Routes are taken in and out while the gateway runs. */
const live = { effect: "live" } as const;

const authMode = z
  .string()
  .trim()
  .pipe(z.enum(["none", "local", "token", "password"]))
  .transform((mode) => (mode === "local" ? "none" : mode))
  .optional();

const auth = section(
  {
    mode: key(authMode, "How callers prove who they are; absent: password if one is set, else token.", {
      ...error,
      expected: "one of none, local, token, password",
    }),
    token: secret("Shared bearer token."),
    password: secret("Shared password."),
    allowTailscale: key(z.boolean().optional(), "Accept identity headers of the tailnet."),
  },
  "Who may connect.",
  { ...error, ...guarded },
);

const reload = section(
  {
    mode: key(
      z
        .enum(["hot", "hybrid", "off", "none", "disabled"])
        .transform((mode) => (mode === "none" || mode === "disabled" ? "off" : mode))
        .default("hybrid"),
      "Whether a changed file is read again while the gateway runs.",
      { fallback: "off", expected: "one of hot, hybrid, off" },
    ),
    debounceMs: count(300, "Quiet time after a change before the file is read, in milliseconds."),
  },
  "Reading the configuration again while the gateway runs.",
);

const controlUi = section(
  {
    enabled: flag(false, "Serve the control page, and the control API that it needs.", live),
    path: textOr("dist/control-ui", "Folder of the page's files.", guarded),
    basePath: textOr("", "Where the page is mounted; empty: /ui.", live),
    allowInsecureAuth: flag(
      false,
      "A token or password alone stands for pairing in the control page.",
      guarded,
    ),
    dangerouslyDisableDeviceAuth: flag(false, "Skip device pairing for the control page.", guarded),
  },
  "The control page.",
);

const rate = (perSecond: number, burst: number, description: string) =>
  section(
    {
      perSecond: key(z.number().positive().max(100_000).default(perSecond), "Requests a second.", {
        expected: "a number above 0, at most 100000",
      }),
      burst: key(z.int().positive().max(1_000_000).default(burst), "Requests at once.", {
        expected: "a whole number above 0, at most 1000000",
      }),
    },
    description,
  );

const rateLimits = section(
  {
    enabled: flag(true, "Limit how often other machines may ask over HTTP."),
    default: rate(100, 200, "All paths without a limit of their own, per address."),
    hooks: rate(50, 100, "Webhooks, per address."),
    tools: rate(50, 100, "Tool calls over HTTP, per address."),
    failedLoginsPerMinute: key(
      z.int().positive().max(1000).default(10),
      "Wrong credentials of one address before it has to wait.",
      { expected: "a whole number from 1 to 1000" },
    ),
  },
  "How often callers may ask over HTTP. Programs on this machine may as often as they like.",
  { effect: "live" },
);

const ws = section(
  {
    maxConnections: count(wireLimits.maxConnections, "Open WebSocket connections in total."),
    maxPerIp: count(wireLimits.maxConnectionsPerIp, "Open WebSocket connections per address."),
    maxJsonDepth: count(wireLimits.maxJsonDepth, "Deepest nesting of a frame."),
    messageRate: key(
      z.number().positive().default(wireLimits.messageRate),
      "Messages a second per connection.",
      {
        expected: "a number above 0",
      },
    ),
    messageBurst: key(
      z.number().positive().default(wireLimits.messageBurst),
      "Messages a connection may send at once.",
      {
        expected: "a number above 0",
      },
    ),
  },
  "Limits of WebSocket connections.",
);

const tls = section(
  {
    enabled: flag(false, "Serve over TLS."),
    certPath: text("Certificate, PEM."),
    keyPath: text("Private key, PEM."),
    autoGenerate: flag(true, "Create a self-signed pair if the files are missing."),
  },
  "The server's certificate.",
);

const mtls = section(
  {
    enabled: flag(false, "Certificates between gateways."),
    caCert: text("Cluster authority, PEM."),
    nodeCert: text("Own certificate, PEM."),
    nodeKey: text("Own key, PEM."),
    crlPath: text("Revoked certificates, JSON."),
    requireClientCert: flag(true, "Refuse gateways without a certificate."),
  },
  "Certificates between gateways.",
);

const peer = z.object({
  name: text("Name of the other gateway."),
  url: text("Its address, ws:// or wss://."),
  fingerprint: text("SHA-256 of its certificate."),
  autoConnect: flag(true, "Connect at start."),
  ssh: part(
    {
      host: text("Host to tunnel through."),
      port: count(22, "Its SSH port."),
      user: text("User there."),
      remotePort: count(defaultPort, "Gateway port there."),
    },
    "Tunnel to it.",
  ),
});

const remote = section(
  {
    enabled: flag(false, "Connect to other gateways."),
    authToken: secret("Token shown to them.", { wrong: "warning" }),
    autoReconnect: flag(true, "Connect again after a loss."),
    reconnectIntervalMs: count(30000, "Time between attempts, in milliseconds."),
    maxReconnectAttempts: count(10, "Attempts before giving up."),
    gateways: listOf(peer, "Other gateways."),
  },
  "Links to other gateways.",
);

const tailscale = section(
  {
    mode: wordOr(["off", "serve", "funnel"], "off", { description: "Publish through Tailscale." }),
    externalPort: count(443, "Published port."),
    cliPath: textOr("tailscale", "The tailscale program."),
    resetOnShutdown: flag(true, "Undo it on exit."),
  },
  "Publishing through Tailscale.",
);

/** `gateway` (config.md §13.1). */
export const gateway = section(
  {
    port: key(z.int().min(1).max(65535).default(defaultPort), "TCP port for HTTP and WebSocket.", {
      ...error,
      expected: "a whole number from 1 to 65535",
    }),
    bind: textOr("loopback", "Where to listen: loopback, lan, tailnet, all, or an address."),
    auth,
    reload,
    controlUi,
    control: section(
      { enabled: flag(false, "Serve the HTTP control API; its status is always served.", live) },
      "The HTTP control API.",
    ),
    openai: section(
      {
        chatCompletions: flag(false, "Serve /v1/chat/completions."),
        responses: flag(false, "Serve /v1/responses."),
      },
      "OpenAI-compatible HTTP routes.",
      { effect: "live" },
    ),
    hooks,
    metrics,
    resources,
    ws,
    nodes: section(
      {
        allowCommands: texts("Further node commands allowed."),
        denyCommands: texts("Node commands refused; wins over the allowed ones."),
      },
      "Commands of paired nodes.",
    ),
    trustedProxies: texts("Addresses of proxies whose word about the caller's address counts.", {
      effect: "live",
    }),
    rateLimits,
    tailscale,
    tls,
    mtls,
    remote,
  },
  "The gateway service.",
  { effect: "restart" },
);

/** `discovery` (config.md §13.1). */
export const discovery = section(
  {
    mode: key(
      z
        .enum(["off", "disabled", "none", "minimal", "min", "full", "all"])
        .transform((mode): "off" | "minimal" | "full" => {
          if (mode === "min" || mode === "minimal") return "minimal";
          return mode === "full" || mode === "all" ? "full" : "off";
        })
        .default("off"),
      "Announce the gateway on the local network.",
      { expected: "one of off, minimal, full" },
    ),
    serviceName: text("Announced name; absent: the host's name."),
  },
  "Announcement on the local network.",
  { effect: "restart" },
);
