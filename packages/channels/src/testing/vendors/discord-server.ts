import { json, type Reply } from "./reply.ts";
import { type Call, startVendorServer, type VendorServer } from "./vendor-server.ts";

/** Not a real one; in the form of a real one. */
export const discordTestToken = "TEST0000000000000000000000.AbCdEf.not-a-real-token_0123456789abcdefghi";

/** Answers of the REST API, v10 (https://discord.com/developers/docs/reference#error-messages). */
export const discordReplies = {
  refused: (status: number, code: number, message: string) => json(status, { message, code }),
  unauthorized: json(401, { message: "401: Unauthorized", code: 0 }),
  unknownChannel: json(404, { message: "Unknown Channel", code: 10_003 }),
  missingPermissions: json(403, { message: "Missing Permissions", code: 50_013 }),
  /** In header and body; the header has whole seconds. */
  tooMany: (seconds: number, more: { readonly isGlobal?: boolean; readonly header?: boolean } = {}) => {
    const { isGlobal = false, header = true } = more;
    const scope = isGlobal ? { "x-ratelimit-global": "true" } : { "x-ratelimit-scope": "user" };
    const body = { message: "You are being rate limited.", retry_after: seconds, global: isGlobal };
    return json(429, body, header ? { "retry-after": String(Math.ceil(seconds)), ...scope } : scope);
  },
  serverError: json(500, { message: "500: Internal Server Error", code: 0 }),
} as const;

export interface DiscordServerOptions {
  /** Whom it knows; default: the test token, as `carapace-test`. */
  readonly token?: string;
  /** Channels that are not there. */
  readonly unknownChannels?: readonly string[];
}

/** The REST API on this machine: `users/@me` and messages of channels, for one token; nonces are enforced as asked. */
export async function startDiscordServer(options: DiscordServerOptions = {}): Promise<VendorServer> {
  const { token = discordTestToken, unknownChannels = [] } = options;
  const byNonce = new Map<string, Reply>();
  let lastId = 1_300_000_000_000_000_000n;
  function post(call: Call, channelId: string): Reply {
    if (unknownChannels.includes(channelId)) return discordReplies.unknownChannel;
    const body = messageOf(call);
    const fault = faultOf(body, call);
    if (fault !== undefined) return fault;
    const { content = "", nonce } = body;
    const key = body["enforce_nonce"] === true && nonce !== undefined ? `${channelId} ${String(nonce)}` : "";
    const known = key === "" ? undefined : byNonce.get(key);
    if (known !== undefined) return known;
    const id = String(++lastId);
    const author = { id: "1290000000000000001", username: "carapace-test", bot: true };
    const created = json(200, { id, channel_id: channelId, content, nonce, author, type: 0 }, limits);
    if (key !== "") byNonce.set(key, created);
    return created;
  }
  return await startVendorServer("/api/v10", (call) => {
    if (call.headers.authorization !== `Bot ${token}`) return discordReplies.unauthorized;
    if (call.verb === "GET" && call.path === "/users/@me")
      return json(200, {
        id: "1290000000000000001",
        username: "carapace-test",
        discriminator: "0",
        bot: true,
      });
    const channelId = /^\/channels\/(?<id>\d+)\/messages$/.exec(call.path)?.groups?.["id"];
    if (call.verb === "POST" && channelId !== undefined) return post(call, channelId);
    return discordReplies.refused(404, 0, "404: Not Found");
  });
}

const limits = {
  "x-ratelimit-limit": "1000",
  "x-ratelimit-remaining": "999",
  "x-ratelimit-reset-after": "1",
  "x-ratelimit-bucket": "b0",
};

function messageOf({ fields }: Call): Readonly<Record<string, unknown>> {
  const { payload_json: payload } = fields;
  return typeof payload === "string" ? JSON.parse(payload) : fields;
}

function faultOf(
  { content = "", nonce }: Readonly<Record<string, unknown>>,
  { files }: Call,
): Reply | undefined {
  const text = String(content);
  if (text.trim() === "" && files.length === 0)
    return discordReplies.refused(400, 50_006, "Cannot send an empty message");
  if ([...text].length > 2000) return invalid("content", "Must be 2000 or fewer in length.");
  if (String(nonce ?? "").length > 25) return invalid("nonce", "Must be 25 or fewer in length.");
  return undefined;
}

function invalid(field: string, message: string): Reply {
  const errors = { [field]: { _errors: [{ code: "BASE_TYPE_MAX_LENGTH", message }] } };
  return json(400, { code: 50_035, message: "Invalid Form Body", errors });
}
