import { expect, test } from "bun:test";
import { Secret } from "../secret.ts";
import { collectSecrets } from "./known.ts";

test("secrets are collected by the names they stand under, in the file and in environments", () => {
  const tree = {
    gateway: { port: 1, auth: { token: " tok " } },
    credentials: { user: ["name", { pin: "1234" }] },
    maxTokens: "5",
    plain: new Secret("sealed"),
  };
  const found = collectSecrets(
    tree,
    { OPENAI_API_KEY: "k1", AWS_ACCESS_KEY_ID: "k2", HOME: "/h", X_TOKEN: " " },
    { MY_KEY: "k3" },
  );
  expect(found.sort()).toEqual(["1234", "k1", "k2", "k3", "name", "sealed", "tok"]);
});
