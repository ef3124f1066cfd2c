import { z } from "zod";
import { flag, guarded, key, part, secret, section, text } from "./kit.ts";

const live = { effect: "live" } as const;

function webAddress(value: string): URL | undefined {
  if (/\s/.test(value) || !URL.canParse(value)) return undefined;
  const url = new URL(value);
  const web = url.protocol === "http:" || url.protocol === "https:";
  return web && url.hostname !== "" && !/^[a-z]+:\/\/[^/?#]*@/i.test(value) && !value.includes("#")
    ? url
    : undefined;
}

const origin = z.string().superRefine((value, context) => {
  const url = webAddress(value);
  // A slash at the end is no path: every reader of addresses takes both for the same.
  if (url !== undefined && url.pathname === "/" && !value.includes("?")) return;
  context.addIssue({
    code: "custom",
    input: value,
    message: "must be an http or https origin such as https://example.org, without path, query or sign-in",
    params: { severity: "error" },
  });
});

const redirect = z.string().superRefine((value, context) => {
  if (webAddress(value) !== undefined) return;
  context.addIssue({
    code: "custom",
    input: value,
    message: "must be an http or https address without sign-in, fragment or blanks",
    params: { severity: "error" },
  });
});

const app = part(
  {
    clientId: text("Client id."),
    clientSecret: secret("Client secret."),
    redirectUri: key(redirect.optional(), "Where the browser comes back to.", guarded),
  },
  "OAuth application.",
);

/** `auth` (config.md §13.5). */
export const authSection = section(
  {
    profiles: section(
      {
        enabled: flag(false, "Store sign-ins."),
        redirectBaseUrl: key(origin.optional(), "Origin of the callback.", guarded),
        providers: section({ google: app, github: app, discord: app, openai: app }, "OAuth applications."),
      },
      "Stored sign-ins.",
    ),
  },
  "Sign-ins.",
  live,
);

/** `env` (config.md §5). Its rules are the loader's; here it is only described. */
export const envSection = key(
  z
    .object({
      vars: key(z.record(z.string(), z.unknown()).optional(), "Variables by name.", {
        expected: "an object",
      }),
      shellEnv: key(z.unknown().optional(), "Not read.", { effect: "inert" }),
    })
    .catchall(z.unknown())
    .optional(),
  "Variables for placeholders in texts, for providers and for channels.",
  { ...live, expected: "an object" },
);
