import type { Secret } from "@carapace/config";
import { ok, type Result, refuse } from "@carapace/protocol";
import { mustChoose } from "./account.ts";
import { type Found, find, keyFrom, type ProviderSource, valueAt } from "./settings.ts";
import type { AbsentVendor, ConfiguredVendor, Vendor, VendorDefinition } from "./vendor.ts";
import { whenAsked } from "./when-asked.ts";

/** What proves an account to AWS: keys that sign each request, or a key of Bedrock's own. */
export type AwsProof =
  | {
      readonly kind: "keys";
      readonly accessKeyId: Secret;
      readonly secretAccessKey: Secret;
      readonly sessionToken?: Secret;
    }
  | { readonly kind: "bearer"; readonly token: Secret };

/** Bedrock in one region, for one account. */
export interface BedrockSettings {
  readonly vendor: Vendor;
  readonly region: string;
  readonly proof: AwsProof;
}

/** Amazon Bedrock, with static credentials, or with an API key of its own (agent.md §3, §4.6 *Better*). */
export const bedrock: VendorDefinition = {
  howToSetUp:
    "Bedrock is not set up: set AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY where the gateway starts, or " +
    "write bedrock.region, bedrock.accessKeyId and bedrock.secretAccessKey in the file named by: cara config path",
  headerTimeoutMs: 120_000,
  read: readBedrock,
};

function readBedrock(source: ProviderSource): Result<ConfiguredVendor | AbsentVendor | undefined> {
  if (valueAt(source, "bedrock.enabled") === false) return ok(undefined);
  const found = findSettings(source);
  const { region, bearer, accessKeyId, secretAccessKey } = found;
  const isWhole = bearer !== undefined || (accessKeyId !== undefined && secretAccessKey !== undefined);
  if (region === undefined || !isWhole) return ok(halfSetUp(source, found));
  if (!isRegion(region.text))
    return ok({ absentBecause: `${region.name} is not an AWS region: write it as us-east-1` });
  const proof = readProof(found);
  if (!proof.ok) return ok({ absentBecause: proof.say });
  const vendor: Vendor = {
    ...({ id: "bedrock", label: "Bedrock" } as const),
    ...{
      keyName: (bearer ?? accessKeyId)?.name ?? "AWS_ACCESS_KEY_ID",
      urlName: region.name,
      isLocal: false,
    },
    secrets: secretsOf(proof.value),
  };
  return ok(configuredBedrock({ vendor, region: region.text, proof: proof.value }, source));
}

type Settings = Readonly<
  Record<"region" | "bearer" | "accessKeyId" | "secretAccessKey" | "sessionToken", Found | undefined>
>;

function findSettings(source: ProviderSource): Settings {
  const token = source.lookup(bearerVariable)?.trim();
  return {
    region: find(source, ["AWS_REGION", "AWS_DEFAULT_REGION"], "bedrock.region"),
    bearer: token ? { text: token, name: bearerVariable } : undefined,
    accessKeyId: find(source, ["AWS_ACCESS_KEY_ID"], "bedrock.accessKeyId"),
    secretAccessKey: find(source, ["AWS_SECRET_ACCESS_KEY"], "bedrock.secretAccessKey"),
    sessionToken: find(source, ["AWS_SESSION_TOKEN"], "bedrock.sessionToken"),
  };
}

const bearerVariable = "AWS_BEARER_TOKEN_BEDROCK";

/** Bedrock's own key wins, as in AWS's programs: whoever set it meant Bedrock. */
function readProof({ bearer, accessKeyId, secretAccessKey, sessionToken }: Settings): Result<AwsProof> {
  const token = keyFrom(bearer);
  if (!token.ok) return token;
  if (token.value !== undefined) return ok({ kind: "bearer", token: token.value });
  const [id, secret, session] = [keyFrom(accessKeyId), keyFrom(secretAccessKey), keyFrom(sessionToken)];
  if (!id.ok) return id;
  if (!secret.ok) return secret;
  if (!session.ok) return session;
  if (id.value === undefined || secret.value === undefined)
    return refuse("invalid_request", "there are no AWS keys");
  return ok({
    ...({ kind: "keys", accessKeyId: id.value, secretAccessKey: secret.value } as const),
    ...(session.value === undefined ? {} : { sessionToken: session.value }),
  });
}

/** All that must not be told of it. */
function secretsOf(proof: AwsProof): Secret[] {
  if (proof.kind === "bearer") return [proof.token];
  const { accessKeyId, secretAccessKey, sessionToken } = proof;
  return [accessKeyId, secretAccessKey, ...(sessionToken === undefined ? [] : [sessionToken])];
}

/** Whoever wrote the section wants it; that AWS's variables lie around says nothing. */
function halfSetUp(
  source: ProviderSource,
  { region, accessKeyId, secretAccessKey }: Settings,
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
  const { region, proof } = settings;
  return {
    create: (deps) =>
      whenAsked("bedrock", async () =>
        (await import("./bedrock-provider.ts")).createBedrockProvider(settings, deps),
      ),
    fingerprint: [region, proof.kind, ...secretsOf(proof).map((secret) => secret.reveal())],
    // AWS's variables are there for other programs, too: without the section, nobody has chosen Bedrock yet.
    ...(valueAt(source, "bedrock") === undefined ? {} : { defaultModel: () => chooseOne }),
  };
}

const chooseOne = mustChoose({
  label: "Bedrock",
  exampleModel: "bedrock:us.anthropic.claude-sonnet-4-5-20250929-v1:0",
});

/** Whether a text can be the name of an AWS region: it becomes part of a host's name. */
export function isRegion(text: string): boolean {
  return /^[a-z]{2,5}(-[a-z]{2,12}){1,3}-\d{1,2}$/.test(text);
}
