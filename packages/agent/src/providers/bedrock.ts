import type { Secret } from "@carapace/config";
import { ok, type Refusal, type Result } from "@carapace/protocol";
import { mustChoose } from "./account.ts";
import { isRegion } from "./bedrock-endpoint.ts";
import { type Found, find, keyFrom, type ProviderSource, valueAt } from "./settings.ts";
import type { AbsentVendor, ConfiguredVendor, Vendor, VendorDefinition } from "./vendor.ts";
import { whenAsked } from "./when-asked.ts";

/** What AWS needs to know who asks. */
interface AwsKeys {
  readonly region: string;
  readonly accessKeyId: Secret;
  readonly secretAccessKey: Secret;
  readonly sessionToken?: Secret;
}

/** Bedrock in one region, with the keys of one account. */
export interface BedrockSettings {
  readonly vendor: Vendor;
  readonly keys: AwsKeys;
}

/** Amazon Bedrock, with static credentials (agent.md §3). */
export const bedrock: VendorDefinition = {
  howToSetUp:
    "Bedrock is not set up: set AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY where the gateway starts, or " +
    "write bedrock.region, bedrock.accessKeyId and bedrock.secretAccessKey in the file named by: cara config path",
  headerTimeoutMs: 120_000,
  read: readBedrock,
};

function readBedrock(source: ProviderSource): Result<ConfiguredVendor | AbsentVendor | undefined> {
  const found = findSettings(source);
  const { region, accessKeyId, secretAccessKey } = found;
  if (valueAt(source, "bedrock.enabled") === false) return ok(undefined);
  if (region === undefined || accessKeyId === undefined || secretAccessKey === undefined)
    return ok(halfSetUp(source, found));
  if (!isRegion(region.text))
    return ok({ absentBecause: `${region.name} is not an AWS region: write it as us-east-1` });
  const [id, secret, session] = [keyFrom(accessKeyId), keyFrom(secretAccessKey), keyFrom(found.sessionToken)];
  const bad = [id, secret, session].find((key): key is Refusal => !key.ok);
  if (bad !== undefined) return ok({ absentBecause: bad.say });
  if (!id.ok || !secret.ok || !session.ok || id.value === undefined || secret.value === undefined)
    return ok(undefined);
  const keys: AwsKeys = {
    ...{ region: region.text, accessKeyId: id.value, secretAccessKey: secret.value },
    ...(session.value === undefined ? {} : { sessionToken: session.value }),
  };
  const vendor: Vendor = {
    ...{ id: "bedrock", label: "Bedrock", keyName: accessKeyId.name, urlName: region.name, isLocal: false },
    secrets: [id.value, secret.value, ...(session.value === undefined ? [] : [session.value])],
  };
  return ok(configuredBedrock({ vendor, keys }, source));
}

function findSettings(
  source: ProviderSource,
): Record<"region" | keyof Omit<AwsKeys, "region">, Found | undefined> {
  return {
    region: find(source, ["AWS_REGION", "AWS_DEFAULT_REGION"], "bedrock.region"),
    accessKeyId: find(source, ["AWS_ACCESS_KEY_ID"], "bedrock.accessKeyId"),
    secretAccessKey: find(source, ["AWS_SECRET_ACCESS_KEY"], "bedrock.secretAccessKey"),
    sessionToken: find(source, ["AWS_SESSION_TOKEN"], "bedrock.sessionToken"),
  };
}

/** Whoever wrote the section wants it; that AWS's variables lie around says nothing. */
function halfSetUp(
  source: ProviderSource,
  { region, accessKeyId, secretAccessKey }: ReturnType<typeof findSettings>,
): AbsentVendor | undefined {
  if (valueAt(source, "bedrock") === undefined) return undefined;
  const missing = [
    ...(region === undefined ? ["AWS_REGION or bedrock.region"] : []),
    ...(accessKeyId === undefined ? ["AWS_ACCESS_KEY_ID or bedrock.accessKeyId"] : []),
    ...(secretAccessKey === undefined ? ["AWS_SECRET_ACCESS_KEY or bedrock.secretAccessKey"] : []),
  ];
  return { absentBecause: `Bedrock is not set up: there is no ${missing.join(", no ")}` };
}

function configuredBedrock(settings: BedrockSettings, source: ProviderSource): ConfiguredVendor {
  const { region, accessKeyId, secretAccessKey, sessionToken } = settings.keys;
  return {
    create: (deps) =>
      whenAsked("bedrock", async () =>
        (await import("./bedrock-provider.ts")).createBedrockProvider(settings, deps),
      ),
    fingerprint: [region, accessKeyId.reveal(), secretAccessKey.reveal(), sessionToken?.reveal() ?? ""],
    // AWS's variables are there for other programs, too: without the section, nobody has chosen Bedrock yet.
    ...(valueAt(source, "bedrock") === undefined ? {} : { defaultModel: () => chooseOne }),
  };
}

const chooseOne = mustChoose("Bedrock", "bedrock:us.anthropic.claude-sonnet-4-5-20250929-v1:0");
