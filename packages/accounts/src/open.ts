import { configPassword, type Secret, stateDirOf } from "@carapace/config";
import { ok, type Refusal, type Result, refuse } from "@carapace/protocol";
import { createFreshTokens } from "./fresh/fresh.ts";
import { entryOf, profilesOf, withEntry } from "./profile-file/edit.ts";
import { openProfileFile, type ProfileFile, type ProfileStore } from "./profile-file/file.ts";
import { clientOf, openTokens, sealLike } from "./profile-file/secrets.ts";
import type { FileEntry, StoredProfile } from "./profile-file/shape.ts";
import { checkSetupToken, setupTokenName, setupTokenProfileId } from "./setup-token.ts";
import { sharedSealer } from "./shared-sealer.ts";
import { createFlow, type NewSignIn } from "./sign-in/flow.ts";
import { waitHere } from "./sign-in/here.ts";
import type { OAuthClient, SignInRequest } from "./sign-in/types.ts";
import { signInVendors } from "./sign-in/vendors.ts";
import { identityOf, nameOf, setupTokenEntry, signInEntry } from "./stored-profile.ts";
import { createSummaries } from "./summary.ts";
import type { Accounts, AccountsWorld, OAuthProvider, SignedIn } from "./types.ts";

/** The stored sign-ins of the state directory that `world.env` names; nothing is read or made before it is asked. */
export function openAccounts(world: AccountsWorld): Accounts {
  const { env, nowMs } = world;
  const password = configPassword(env);
  const file = openProfileFile({ stateDir: stateDirOf(env), isSealing: password !== undefined });
  const sealer = password === undefined ? () => undefined : sharedSealer(password);
  const endpoints = (provider: OAuthProvider) =>
    world.endpoints?.[provider] ?? signInVendors[provider].endpoints;
  const profiles: ProfileStore = { file, sealer, nowMs };
  const flow = (request: SignInRequest, redirectUri: string, where: "cli" | "page") => {
    const { purpose } = signInVendors[request.provider];
    return createFlow(request, redirectUri, {
      ...{ nowMs, endpoints: endpoints(request.provider) },
      statePrefix: where === "cli" ? `${purpose}-cli` : purpose,
      keep: async (made) => signedIn(made, profiles),
    });
  };
  const summaries = createSummaries(profiles);
  return {
    list: summaries,
    find: async (profileId) => {
      const all = await summaries();
      return all.ok ? ok(all.value.find(({ id }) => id === profileId)) : all;
    },
    remove: (profileId) => remove(file, profileId),
    signInHere: async (request, options) => {
      if (password === undefined) return refuseUnsealed();
      const { publicRedirectUri } = endpoints(request.provider);
      const isPublic = !request.client.secret?.reveal().trim();
      const fixed = isPublic && publicRedirectUri !== undefined ? { redirectUri: publicRedirectUri } : {};
      return waitHere((redirectUri) => flow(request, redirectUri, "cli"), { ...fixed, ...options });
    },
    signInAt: (request, redirectUri) =>
      password === undefined ? refuseUnsealed() : flow(request, redirectUri, "page"),
    setupToken: (text) => (password === undefined ? refuseUnsealed() : setupToken(text, profiles)),
    freshToken: createFreshTokens({ ...profiles, endpoints }),
    knownClient: async (provider) => await knownClient(provider, profiles),
  };
}

function refuseUnsealed(): Refusal {
  return refuse(
    "invalid_request",
    "a sign-in is stored sealed, which needs a password: set CARAPACE_CONFIG_PASSWORD, here and wherever the gateway starts",
  );
}

function signedIn(made: NewSignIn, profiles: ProfileStore): Result<SignedIn> {
  const { file, nowMs } = profiles;
  const entries = file.read();
  if (!entries.ok) return entries;
  const identity = identityOf(made, profilesOf(entries.value), nowMs());
  return ok({
    profileId: identity.id,
    name: nameOf(made),
    ...(made.who.email === undefined ? {} : { email: made.who.email }),
    store: () => store(profiles, (seal) => signInEntry(made, { ...identity, nowMs: nowMs() }, seal)),
  });
}

function setupToken(text: Secret, profiles: ProfileStore): Result<SignedIn> {
  const token = checkSetupToken(text);
  if (!token.ok) return token;
  return ok({
    profileId: setupTokenProfileId,
    name: setupTokenName,
    store: () =>
      store(profiles, (seal, entries) => {
        const nowMs = profiles.nowMs();
        const createdAtMs = entryOf(entries, setupTokenProfileId)?.profile.created_at_ms ?? nowMs;
        return setupTokenEntry(token.value, { createdAtMs, nowMs }, seal);
      }),
  });
}

type MakeEntry = (
  seal: (secret: Secret) => Promise<string>,
  entries: readonly FileEntry[],
) => Promise<StoredProfile>;

async function store({ file, sealer: borrow }: ProfileStore, make: MakeEntry): Promise<Result<undefined>> {
  using sealer = borrow();
  if (sealer === undefined) return refuseUnsealed();
  const stored = await file.change(async (entries) =>
    withEntry(entries, await make(await sealLike(entries, sealer), entries)),
  );
  return stored.ok ? ok(undefined) : stored;
}

async function remove(file: ProfileFile, profileId: string): Promise<Result<boolean>> {
  let wasThere = false;
  const changed = await file.change((entries) => {
    const rest = entries.filter(({ profile }) => profile?.id !== profileId);
    wasThere = rest.length < entries.length;
    return ok(wasThere ? rest : entries);
  });
  return changed.ok ? ok(wasThere) : changed;
}

async function knownClient(
  provider: OAuthProvider,
  { file, sealer }: ProfileStore,
): Promise<Result<OAuthClient | undefined>> {
  const entries = file.read();
  if (!entries.ok) return entries;
  using opener = sealer();
  if (opener === undefined) return ok(undefined);
  for (const profile of profilesOf(entries.value).reverse()) {
    const opened = profile.provider === provider ? await openTokens(profile, opener) : undefined;
    const client = opened && clientOf(profile, opened);
    if (client !== undefined) return ok(client);
  }
  return ok(undefined);
}
