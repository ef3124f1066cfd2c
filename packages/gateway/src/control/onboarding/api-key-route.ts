import { lookupKey } from "@carapace/config";
import { controlBodies, ok, type Result, refuse } from "@carapace/protocol";
import { readJsonAs } from "../../http/read-json-as.ts";
import type { Route } from "../../http/route.ts";
import { refused } from "../answers.ts";
import type { OnboardingDeps } from "./deps.ts";
import { writeProvider } from "./write.ts";

/** POST `/control/onboarding/gemini/api-key` (http.md §12.4). */
export function apiKeyRoute(deps: OnboardingDeps): Route {
  return {
    ...{ method: "POST", path: "/control/onboarding/gemini/api-key", family: "control" },
    maxBodyBytes: 32_768,
    doc: {
      summary: "Use Gemini with an API key",
      tag: "control",
      get body() {
        return controlBodies.onboardingApiKey;
      },
      get answers() {
        return {
          200: { say: "In the configuration, sealed if it can be.", schema: controlBodies.onboardingApplied },
          400: { say: "No key, no https address, or it cannot be written.", schema: controlBodies.refusal },
        };
      },
    },
    handle: async (visit) => {
      const body = await visit.body();
      if (!body.ok) return body.response;
      const asked = readAsked(body.text());
      if (!asked.ok) return refused(400, asked.say);
      const { apiKey, baseUrl } = asked.value;
      const { parsed } = deps.config.current();
      const hasProfile = lookupKey(parsed, "google.authProfile") !== undefined;
      const google = {
        ...{ apiKey, ...(baseUrl === undefined ? {} : { baseUrl }) },
        ...(hasProfile ? { authProfile: null } : {}),
      };
      const keys = Object.keys(google).map((name) => `google.${name}`);
      return writeProvider({ visit, provider: "gemini", mode: "apiKey", patch: { google }, keys }, deps);
    },
  };
}

interface Asked {
  readonly apiKey: string;
  readonly baseUrl?: string;
}

function readAsked(text: string): Result<Asked> {
  const read = readJsonAs(text, controlBodies.onboardingApiKey);
  if (!read.ok) return read;
  const apiKey = read.value.apiKey.trim();
  // A text of this form would be taken for a variable, or for a sealed value.
  if (!/^[\x21-\x7e]{1,4096}$/.test(apiKey) || /^enc:|\$\{/.test(apiKey))
    return refuse(
      "invalid_request",
      "apiKey holds characters that no key has: copy the key once more, in one piece",
    );
  const baseUrl = read.value.baseUrl?.trim();
  if (!baseUrl) return ok({ apiKey });
  const url = URL.parse(baseUrl);
  const isPlain =
    url?.protocol === "https:" && url.username === "" && url.password === "" && url.search + url.hash === "";
  if (isPlain && !baseUrl.includes("${")) return ok({ apiKey, baseUrl });
  return refuse("invalid_request", "baseUrl must start with https:// and end with its path");
}
