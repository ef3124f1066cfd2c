import { configPassword, type Secret, stateDirOf } from "@carapace/config";
import { ok, type Refusal, type Result, refuse } from "@carapace/protocol";
import type { Sealer } from "@carapace/secrets/envelope";
import { createFreshTokens } from "./fresh/fresh.ts";
import { entryOf, withEntry } from "./profile-file/edit.ts";
import { openProfileFile, type ProfileFile } from "./profile-file/file.ts";
import { openTokens, sealLike } from "./profile-file/secrets.ts";
import type { FileEntry, StoredProfile } from "./profile-file/shape.ts";
import { checkSetupToken, setupTokenProfileId } from "./setup-token.ts";
import { sharedSealer } from "./shared-sealer.ts";
import { createFlow, type NewSignIn } from "./sign-in/flow.ts";
import { waitHere } from "./sign-in/here.ts";
import type { OAuthClient, SignInRequest } from "./sign-in/types.ts";
import { signInVendors } from "./sign-in/vendors.ts";
import { identityOf, nameOf, setupTokenEntry, setupTokenName, signInEntry } from "./stored-profile.ts";
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
  const shelf: Shelf = { file, sealer, nowMs };
  const flow = (request: SignInRequest, redirectUri: string, where: "cli" | "page") => {
    const { purpose } = signInVendors[request.provider];
    return createFlow(request, redirectUri, {
      ...{ nowMs, endpoints: endpoints(request.provider) },
      random: world.random ?? systemRandom,
      statePrefix: where === "cli" ? `${purpose}-cli` : purpose,
      keep: async (made) => signedIn(made, shelf),
    });
  };
  const summaries = createSummaries({ file, sealer, nowMs });
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
    setupToken: (text) => (password === undefined ? refuseUnsealed() : setupToken(text, shelf)),
    freshToken: createFreshTokens({ file, nowMs, endpoints, sealer }),
    knownClient: async (provider) => await knownClient(provider, { file, sealer }),
  };
}

interface Shelf {
  readonly file: ProfileFile;
  readonly sealer: () => Sealer | undefined;
  readonly nowMs: () => number;
}

function refuseUnsealed(): Refusal {
  return refuse(
    "invalid_request",
    "a sign-in is stored sealed, which needs a password: set CARAPACE_CONFIG_PASSWORD, here and wherever the gateway starts",
  );
}

function signedIn(made: NewSignIn, shelf: Shelf): Result<SignedIn> {
  const { file, nowMs } = shelf;
  const entries = file.read();
  if (!entries.ok) return entries;
  const identity = identityOf(made, profilesOf(entries.value), nowMs());
  return ok({
    profileId: identity.id,
    name: nameOf(made),
    ...(made.who.email === undefined ? {} : { email: made.who.email }),
    store: () => store(shelf, (seal) => signInEntry(made, { ...identity, nowMs: nowMs() }, seal)),
  });
}

function setupToken(text: Secret, shelf: Shelf): Result<SignedIn> {
  const token = checkSetupToken(text);
  if (!token.ok) return token;
  return ok({
    profileId: setupTokenProfileId,
    name: setupTokenName,
    store: () =>
      store(shelf, (seal, entries) => {
        const nowMs = shelf.nowMs();
        const createdAtMs = entryOf(entries, setupTokenProfileId)?.profile.created_at_ms ?? nowMs;
        return setupTokenEntry(token.value, { createdAtMs, nowMs }, seal);
      }),
  });
}

type MakeEntry = (
  seal: (secret: Secret) => Promise<string>,
  entries: readonly FileEntry[],
) => Promise<StoredProfile>;

async function store({ file, sealer: borrow }: Shelf, make: MakeEntry): Promise<Result<undefined>> {
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
  { file, sealer }: { readonly file: ProfileFile; readonly sealer: () => Sealer | undefined },
): Promise<Result<OAuthClient | undefined>> {
  const entries = file.read();
  if (!entries.ok) return entries;
  using opener = sealer();
  if (opener === undefined) return ok(undefined);
  for (const profile of profilesOf(entries.value).reverse()) {
    const id = profile.oauth_provider_config?.client_id;
    if (profile.provider !== provider || !id) continue;
    const opened = await openTokens(profile, opener);
    if (opened !== undefined)
      return ok({ id, ...(opened.clientSecret ? { secret: opened.clientSecret } : {}) });
  }
  return ok(undefined);
}

function profilesOf(entries: readonly FileEntry[]): StoredProfile[] {
  return entries.flatMap(({ profile }) => profile ?? []);
}

function systemRandom(bytes: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(bytes));
}
