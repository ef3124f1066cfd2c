import { expect, test } from "bun:test";
import { serverSecret } from "./server-secret.ts";

test("the server secret is the process's own variable; empty counts as unset, and it does not print", () => {
  const secret = serverSecret({ CARAPACE_SERVER_SECRET: "s3cret" });
  expect(secret?.reveal()).toBe("s3cret");
  expect(`${secret}`).not.toContain("s3cret");
  expect(serverSecret({ CARAPACE_SERVER_SECRET: "" })).toBeUndefined();
  expect(serverSecret({})).toBeUndefined();
});
