// Asks for a fresh token as a process of its own, and prints its end: `refresher.ts PROFILE NOW_MS TOKEN_ENDPOINT`.
import { openAccounts } from "../src/open.ts";

const [, , profileId = "", nowMs = "0", token = ""] = process.argv;
const endpoints = { authorize: token, token };
const accounts = openAccounts({
  env: process.env,
  nowMs: () => Number(nowMs),
  endpoints: { openai: endpoints },
});
const result = await accounts.freshToken(profileId, { provider: "openai" });
process.stdout.write(
  JSON.stringify(result.ok ? { token: result.value.accessToken.reveal() } : { refused: result.say }),
);
