import { json, type Reply } from "./reply.ts";
import { type Call, startVendorServer, type VendorServer } from "./vendor-server.ts";

/** Not a real one; in the form of a real one. */
export const telegramTestToken = "7000000001:AAtest-token_of-nobody-0123456789abc";

/** Answers of the Bot API (https://core.telegram.org/bots/api#making-requests). */
export const telegramReplies = {
  refused: (code: number, description: string, parameters?: Readonly<Record<string, unknown>>) =>
    json(code, { ok: false, error_code: code, description, ...(parameters && { parameters }) }),
  unauthorized: json(401, { ok: false, error_code: 401, description: "Unauthorized" }),
  chatNotFound: json(400, { ok: false, error_code: 400, description: "Bad Request: chat not found" }),
  blocked: json(403, {
    ok: false,
    error_code: 403,
    description: "Forbidden: bot was blocked by the user",
  }),
  conflict: json(409, {
    ok: false,
    error_code: 409,
    description: "Conflict: terminated by other getUpdates request",
  }),
  /** As Telegram says it: in the body. */
  tooMany: (seconds: number) =>
    json(429, {
      ok: false,
      error_code: 429,
      description: `Too Many Requests: retry after ${seconds}`,
      parameters: { retry_after: seconds },
    }),
  serverError: json(500, { ok: false, error_code: 500, description: "Internal Server Error" }),
} as const;

export interface TelegramServerOptions {
  /** Whom it knows; default: the test token, as `@carapace_test_bot`. */
  readonly token?: string;
  /** Chats that are not there. */
  readonly unknownChats?: readonly string[];
}

/** The Bot API on this machine: `getMe`, `sendMessage`, `sendDocument`, for one token. */
export async function startTelegramServer(options: TelegramServerOptions = {}): Promise<VendorServer> {
  const { token = telegramTestToken, unknownChats = [] } = options;
  let lastId = 100;
  const methods: Readonly<Record<string, (call: Call) => Reply>> = {
    getMe: () => done({ id: 7_000_000_001, is_bot: true, first_name: "Test", username: "carapace_test_bot" }),
    sendMessage: (call) => faultOfText(call) ?? message(call, { text: call.fields["text"] }),
    sendDocument: (call) => faultOfDocument(call) ?? message(call, { document: { file_id: "F" } }),
  };
  function message({ fields }: Call, content: Readonly<Record<string, unknown>>): Reply {
    const chat = String(fields["chat_id"] ?? "");
    if (chat === "") return telegramReplies.refused(400, "Bad Request: chat_id is empty");
    if (unknownChats.includes(chat)) return telegramReplies.chatNotFound;
    const id = chat.startsWith("@") ? -1_001_234_567_890 : Number(chat);
    const isChat = id < 0 ? "supergroup" : "private";
    return done({ message_id: ++lastId, date: 1_795_000_000, chat: { id, type: isChat }, ...content });
  }
  return await startVendorServer("", (call) => {
    const { used, method } = /^\/bot(?<used>[^/]*)\/(?<method>\w+)(?:\?|$)/.exec(call.path)?.groups ?? {};
    if (method === undefined) return telegramReplies.refused(404, "Not Found");
    if (used !== token) return telegramReplies.unauthorized;
    return methods[method]?.(call) ?? telegramReplies.refused(404, "Not Found");
  });
}

function done(result: unknown): Reply {
  return json(200, { ok: true, result });
}

function faultOfText({ fields }: Call): Reply | undefined {
  const text = String(fields["text"] ?? "");
  if (text.trim() === "") return telegramReplies.refused(400, "Bad Request: message text is empty");
  if ([...text].length > 4096) return telegramReplies.refused(400, "Bad Request: message is too long");
  return undefined;
}

function faultOfDocument({ fields, files }: Call): Reply | undefined {
  const named = /^attach:\/\/(?<field>.+)$/.exec(String(fields["document"] ?? ""))?.groups?.["field"];
  const isThere = files.some(({ field }) => field === (named ?? "document"));
  if (!isThere) return telegramReplies.refused(400, "Bad Request: there is no document in the request");
  const caption = String(fields["caption"] ?? "");
  return [...caption].length > 1024
    ? telegramReplies.refused(400, "Bad Request: message caption is too long")
    : undefined;
}
