import { expect, test } from "bun:test";
import { controlBodies } from "@carapace/protocol";
import { channelsRoute, type ShownChannel } from "./channels.ts";
import { testVisit } from "./testing/visit.ts";

test("channels come sorted by id, with what is known of each", async () => {
  const channels: ShownChannel[] = [
    { id: "telegram", name: "Telegram", status: "error", lastError: "no token" },
    { id: "console", name: "Console", status: "connected", lastConnectedAtMs: 1_700_000_000_123 },
    { id: "matrix", name: "Matrix", status: "logged_out" },
  ];
  const answer = await channelsRoute(() => channels).handle(testVisit("/control/channels"));
  const body: unknown = await answer.json();
  expect(controlBodies.channels.safeParse(body).success).toBe(true);
  expect(body).toEqual({
    ...{ ok: true, total: 3, connected: 1 },
    channels: [
      { id: "console", name: "Console", status: "connected", lastConnectedAt: "2023-11-14T22:13:20.123Z" },
      { id: "matrix", name: "Matrix", status: "logged_out" },
      { id: "telegram", name: "Telegram", status: "error", lastError: "no token" },
    ],
  });
  expect(channels[0]?.id).toBe("telegram");
});
